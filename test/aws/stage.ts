// A stage in an emulator of its own, with its clock stopped: without faults nothing needs it.
import { DescribeExecutionCommand, GetExecutionHistoryCommand, ListExecutionsCommand, ListStateMachinesCommand } from "@aws-sdk/client-sfn";
import { ListEventBusesCommand } from "@aws-sdk/client-eventbridge";
import { ListQueuesCommand } from "@aws-sdk/client-sqs";
import { ListTablesCommand } from "@aws-sdk/client-dynamodb";
import { DeleteScheduleCommand, ListSchedulesCommand } from "@aws-sdk/client-scheduler";
import { clientsOf, type Clients } from "../emulator/deploy/clients.ts";
import { deployTo } from "../emulator/deployed.ts";
import { startEmulator } from "../emulator/emulator.ts";
import { jobsDir, type Shown } from "../support/api.ts";
import { openCountingProxy, type CountingProxy } from "../support/counting-proxy.ts";

export interface Execution {
  readonly arn: string;
  readonly machine: "express" | "standard";
  readonly input: string;
}

export interface AwsStage {
  readonly url: string;
  readonly token: string;
  readonly endpoint: string;
  readonly clients: Clients;
  /** Counts what our functions ask of AWS; what AWS asks of itself it does not see. */
  readonly proxy: CountingProxy;
  readonly tableName: string;
  readonly busName: string;
  machine(kind: Execution["machine"]): Promise<string>;
  queue(name: string): Promise<string>;
  call<T = Shown>(method: string, path: string, body?: unknown): Promise<T>;
  /** Submits, and answers the job at its end. */
  finish(job: object): Promise<Shown>;
  ended(id: string): Promise<Shown>;
  history(id: string): Promise<{ readonly type: string; readonly data: Record<string, unknown> }[]>;
  executions(attemptId: string): Promise<Execution[]>;
  /** Names of the states that it passed. */
  wayOf(execution: Execution): Promise<string[]>;
  close(): Promise<void>;
}

const STAGE = "paths";

export async function openStage(): Promise<AwsStage> {
  const emulator = await startEmulator();
  const proxy = await openCountingProxy(emulator.url);
  const { url, token } = await deployTo(proxy.url, { stage: STAGE, jobs: jobsDir });
  const clients = clientsOf({ endpoint: emulator.url, region: "us-east-1", account: "000000000000" });
  await stopClocks(clients);
  const [{ TableNames = [] }, { EventBuses = [] }] = await Promise.all([
    clients.dynamodb.send(new ListTablesCommand({})),
    clients.events.send(new ListEventBusesCommand({})),
  ]);
  const machine = async (kind: string): Promise<string> => {
    const { stateMachines = [] } = await clients.states.send(new ListStateMachinesCommand({}));
    return stateMachines.find(({ name }) => name?.endsWith(kind))!.stateMachineArn!;
  };
  const call: AwsStage["call"] = async (method, path, body) => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { "content-type": "application/json" }) },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${text}`);
    return JSON.parse(text);
  };
  const ended = async (id: string): Promise<Shown> => {
    for (let tries = 0; tries < 5; tries++) {
      const job = await call<Shown>("GET", `/v1/jobs/${id}?wait=20s`);
      if (["completed", "failed", "cancelled"].includes(job.state)) return job;
    }
    throw new Error(`${id} does not end`);
  };
  return {
    url, token, endpoint: emulator.url, clients, proxy, machine, call, ended,
    tableName: TableNames.find((name) => name.includes("Jobs"))!,
    busName: EventBuses.map(({ Name }) => Name!).find((name) => name.includes(STAGE))!,
    queue: async (name) => {
      const { QueueUrls = [] } = await clients.sqs.send(new ListQueuesCommand({ MaxResults: 100 }));
      return QueueUrls.find((address) => address.includes(name))!;
    },
    finish: async (job) => ended((await call("POST", "/v1/jobs", job)).id),
    history: async (id) => (await call<{ items: { type: string; data: Record<string, unknown> }[] }>("GET", `/v1/jobs/${id}/history`)).items,
    executions: async (attemptId) => {
      const found: Execution[] = [];
      for (const kind of ["express", "standard"] as const) {
        const { executions = [] } = await clients.states.send(new ListExecutionsCommand({ stateMachineArn: await machine(kind), maxResults: 1000 }));
        for (const { executionArn, name } of executions.filter((execution) => execution.name?.startsWith(attemptId))) {
          const { input } = await clients.states.send(new DescribeExecutionCommand({ executionArn }));
          if (name) found.push({ arn: executionArn!, machine: kind, input: input! });
        }
      }
      return found;
    },
    wayOf: async ({ arn }) => {
      const { events = [] } = await clients.states.send(new GetExecutionHistoryCommand({ executionArn: arn, maxResults: 1000 }));
      return events.flatMap(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? []);
    },
    close: async () => {
      await proxy.close();
      await emulator.stop();
    },
  }; // prettier-ignore
}

async function stopClocks({ scheduler }: Clients): Promise<void> {
  const { Schedules = [] } = await scheduler.send(new ListSchedulesCommand({}));
  for (const { Name, GroupName } of Schedules) await scheduler.send(new DeleteScheduleCommand({ Name, GroupName }));
}
