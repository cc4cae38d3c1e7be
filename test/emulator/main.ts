// npm run emulator [-- --port N --ecs]   npm run emulator:stop
import { parseArgs } from "node:util";
import { startInBackground, stopInBackground } from "./background.ts";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { port: { type: "string" }, ecs: { type: "boolean", default: false } },
});

try {
  if (positionals[0] === "stop") console.log((await stopInBackground()) ? "stopped" : "none ran");
  else {
    const url = await startInBackground({ ecs: values.ecs, ...(values.port && { port: Number(values.port) }) });
    console.log(`AWS emulator at ${url}, in the background (npm run emulator:stop)`);
    console.log(`export AWS_ENDPOINT_URL=${url} AWS_REGION=us-east-1 AWS_ACCESS_KEY_ID=000000000000 AWS_SECRET_ACCESS_KEY=test`);
  }
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
