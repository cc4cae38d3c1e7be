// npm run deploy:emulator [-- --stage NAME --jobs DIR --verbose --json]
import { parseArgs } from "node:util";
import { startInBackground } from "../background.ts";
import { deploy, type Deployed } from "./deploy.ts";

const begin = performance.now();
const { values } = parseArgs({
  options: {
    stage: { type: "string", default: "dev" },
    jobs: { type: "string" },
    verbose: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
  },
});
if (values.jobs !== undefined) process.env.SWITCHYARD_JOBS = values.jobs;
const endpoint = process.env.AWS_ENDPOINT_URL ?? (await startInBackground({}));
const key = process.env.AWS_ACCESS_KEY_ID ?? "";
const account = /^\d{12}$/.test(key) ? key : "000000000000";
const region = process.env.AWS_REGION ?? "us-east-1";

try {
  const deployed = await deploy(values.stage, { endpoint: endpoint.replace(/\/$/, ""), region, account });
  if (values.verbose) tellSteps(deployed);
  tell(deployed);
  if (values.json) console.log(JSON.stringify({ url: deployed.url, token: deployed.token }));
} catch (error) {
  const { code, message } = error as NodeJS.ErrnoException;
  console.error(code === "ECONNREFUSED" ? `nothing answers at ${endpoint}; without AWS_ENDPOINT_URL an emulator is started` : message);
  process.exitCode = 1;
}

function tell({ url, token, made, notMade }: Deployed): void {
  const count = (what: string) => made.filter((step) => step.what === what).length;
  const seconds = ((performance.now() - begin) / 1000).toFixed(1);
  console.log(`${count("made")} made, ${count("unchanged")} unchanged, ${count("removed")} removed in ${seconds} s at ${endpoint}`);
  if (notMade.length > 0) console.log(`not made there (test/emulator/deploy/not-made.ts): ${notMade.join(", ")}`);
  console.log(`export SWITCHYARD_URL=${url} SWITCHYARD_TOKEN=${token}`);
}

function tellSteps({ made, ms }: Deployed): void {
  for (const { type, name, what, ms: took } of made.toSorted((a, b) => b.ms - a.ms))
    console.log(`${String(took).padStart(6)} ms  ${what}  ${type}  ${name}`);
  console.log(`bundled after ${ms.bundled} ms, loaded after ${ms.loaded} ms, everything made after ${ms.evaluated} ms`);
}
