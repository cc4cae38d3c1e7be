// An emulator and its clients for a test file, and Lambdas that are a few lines of code.
import { crc32 } from "node:zlib";
import { AddPermissionCommand, CreateEventSourceMappingCommand, CreateFunctionCommand } from "@aws-sdk/client-lambda";
import { CreateStateMachineCommand, DescribeExecutionCommand, StartExecutionCommand, type StateMachineType } from "@aws-sdk/client-sfn";
import { afterAll, beforeAll, describe } from "vitest";
import { clientsOf, type Clients } from "./deploy/clients.ts";
import { canEmulate, startEmulator, type Emulator } from "./emulator.ts";

const ROLE = "arn:aws:iam::000000000000:role/any";
const BOUND_MS = 20_000;

/** Left out where there is no emulator; in CI that is an error. */
export function withEmulator(name: string, tests: (given: { clients: () => Clients; emulator: () => Emulator }) => void): void {
  describe.skipIf(!canEmulate())(name, () => {
    let emulator: Emulator;
    let clients: Clients;
    beforeAll(async () => {
      emulator = await startEmulator();
      clients = clientsOf({ endpoint: emulator.url, region: "us-east-1", account: "000000000000" });
    });
    afterAll(() => emulator?.stop());
    tests({ clients: () => clients, emulator: () => emulator });
  });
}

/** Answers its ARN. `code` is the body of an async function of `event`. */
export async function makeLambda({ lambda }: Clients, name: string, code: string, timeoutSeconds = 10): Promise<string> {
  const ZipFile = zipOf("index.mjs", `export const handler = async (event) => { ${code} };`);
  const Environment = { Variables: {} };
  const { FunctionArn } = await lambda.send(
    new CreateFunctionCommand({ FunctionName: name, Role: ROLE, Runtime: "nodejs24.x", Handler: "index.handler", Timeout: timeoutSeconds, Environment, Code: { ZipFile } }),
  ); // prettier-ignore
  return FunctionArn!;
}

export async function makeMachine({ states }: Clients, name: string, States: object, type: StateMachineType = "STANDARD"): Promise<string> {
  const definition = JSON.stringify({ StartAt: Object.keys(States)[0], States });
  const { stateMachineArn } = await states.send(new CreateStateMachineCommand({ name, type, roleArn: ROLE, definition }));
  return stateMachineArn!;
}

/** To its end. */
export async function run({ states }: Clients, stateMachineArn: string, input: object = {}) {
  const { executionArn } = await states.send(new StartExecutionCommand({ stateMachineArn, input: JSON.stringify(input) }));
  return until(async () => {
    const execution = await states.send(new DescribeExecutionCommand({ executionArn }));
    return execution.status === "RUNNING" ? null : execution;
  });
}

export async function mapQueue({ lambda }: Clients, EventSourceArn: string, FunctionName: string, BatchSize: number): Promise<void> {
  await lambda.send(
    new CreateEventSourceMappingCommand({ EventSourceArn, FunctionName, BatchSize, FunctionResponseTypes: ["ReportBatchItemFailures"] }),
  );
}

export const allowEvents = ({ lambda }: Clients, FunctionName: string) =>
  lambda.send(
    new AddPermissionCommand({ FunctionName, StatementId: "events", Action: "lambda:InvokeFunction", Principal: "events.amazonaws.com" }),
  );

/** What `look` finds, as soon as it finds something. */
export async function until<T>(look: () => Promise<T | null>): Promise<T> {
  for (const end = Date.now() + BOUND_MS; ; await new Promise((resolve) => setTimeout(resolve, 20))) {
    const found = await look();
    if (found !== null) return found;
    if (Date.now() > end) throw new Error(`nothing within ${BOUND_MS / 1000} s`);
  }
}

/** A zip of one file that is not compressed: local header, bytes, directory, end (PKWARE's APPNOTE, 4.3). */
function zipOf(name: string, text: string): Uint8Array {
  const [file, bytes] = [Buffer.from(name), Buffer.from(text)];
  const about = Buffer.alloc(26);
  about.writeUInt16LE(20, 0);
  about.writeUInt32LE(crc32(bytes), 10);
  about.writeUInt32LE(bytes.length, 14);
  about.writeUInt32LE(bytes.length, 18);
  about.writeUInt16LE(file.length, 22);
  const local = Buffer.concat([Buffer.from("PK\x03\x04", "latin1"), about, file, bytes]);
  const directory = Buffer.concat([Buffer.from("PK\x01\x02\x14\x00", "latin1"), about, Buffer.alloc(14), file]);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(local.length, 12);
  return Buffer.concat([local, directory, Buffer.from("PK\x05\x06", "latin1"), end]);
}
