// Our own Lambdas: for each its code, its time-out, what it is told and what it may do. Nothing is given to all.
import { machines as machineNames, queues as queueNames, turnQueues, type TurnQueue } from "../shared/names.ts";
import {
  consume,
  deleteFiles,
  getFiles,
  listFiles,
  publishTo,
  putFiles,
  readParameters,
  readStream,
  sendTo,
  sendToAll,
  startExecutions,
  takeDeadLetters,
  useTable,
  type Grant,
} from "./grants.ts";
import type { FunctionName, Inputs } from "./inputs.ts";
import type { JobFunctions } from "./job-functions.ts";
import { lambda, type LambdaArgs } from "./lambda.ts";
import type { Machines } from "./machines.ts";
import type { Parameters } from "./parameters.ts";
import { capital } from "./named.ts";
import { CONSUMER_TIMEOUT_SECONDS, type Queues } from "./queues.ts";

export interface Base {
  readonly inputs: Inputs;
  readonly table: sst.aws.Dynamo;
  readonly bucket: sst.aws.Bucket;
  readonly bus: sst.aws.Bus;
  readonly queues: Queues;
  readonly parameters: Parameters;
  readonly jobs: JobFunctions;
  readonly apiUrl: $util.Output<string>;
}

/** API Gateway gives up after 30 s. */
const API_SECONDS = 29;
/** As long as a state machine waits for them (shared/adapters/aws/states/machine.ts). */
const STEP_SECONDS = 60;
const STREAM_SECONDS = 60;
/** A clock that takes longer than a minute meets the next one, which is harmless. */
const CLOCK_SECONDS = 120;
const RECOVER_SECONDS = 300;

/** What the state machines call. */
export function stepFunctions(base: Base) {
  const step = (name: "settle" | "release" | "requeue", description: string) =>
    own(base, {
      name,
      description,
      timeoutSeconds: STEP_SECONDS,
      environment: forEngine(base),
      permissions: [...engineRights(base), deleteFiles(base.bucket)],
    });
  return {
    settle: step("settle", "Records how an attempt ended"),
    release: step("release", "Tells the dependants of an ended job"),
    requeue: step("requeue", "Gives a job that waited for its retry its next turn"),
  };
}

export function apiFunction(base: Base) {
  const { parameters, inputs, jobs } = base;
  return own(base, {
    name: "api",
    description: "The HTTP API",
    timeoutSeconds: API_SECONDS,
    copyFiles: catalogue(jobs),
    environment: {
      ...forEngine(base),
      SWITCHYARD_API_URL: base.apiUrl,
      SWITCHYARD_PARAMETERS: parameters.prefix,
      ...(inputs.jwt && { SWITCHYARD_JWT: JSON.stringify(inputs.jwt) }),
    },
    permissions: [...engineRights(base), readParameters([parameters.token.arn, parameters.attemptKey.arn, parameters.secretsOfJobs])],
  });
}

/** One for each queue of turns, so that a priority has a concurrency of its own. */
export function dispatchers(base: Base, machines: Machines): Readonly<Record<TurnQueue, sst.aws.Function>> {
  const { parameters, jobs, queues } = base;
  const dispatcher = (queue: TurnQueue) =>
    own(base, {
      name: "dispatch",
      logical: `Dispatch${capital(queue)}`,
      called: `dispatch-${queue}`,
      description: `Starts the jobs of priority ${queue} that got their turn`,
      timeoutSeconds: CONSUMER_TIMEOUT_SECONDS,
      copyFiles: catalogue(jobs),
      environment: {
        ...forEngine(base),
        SWITCHYARD_MACHINES: asJson(machineNames, (kind) => machines[kind].arn),
        SWITCHYARD_API_URL: base.apiUrl,
        SWITCHYARD_PARAMETERS: parameters.prefix,
      },
      permissions: [
        ...engineRights(base),
        readParameters([parameters.attemptKey.arn]),
        startExecutions(Object.values(machines)),
        consume(queues.turns[queue]),
      ],
    });
  return Object.fromEntries(turnQueues.map((queue) => [queue, dispatcher(queue)])) as Record<TurnQueue, sst.aws.Function>;
}

/** What the table's stream, the clock, the queue of times and the default bus wake. */
export function followingFunctions(base: Base) {
  const { table, bucket, bus, queues, inputs } = base;
  return {
    stream: own(base, {
      name: "stream",
      description: "Follows what is written: event feed, counters, bus, clean-up",
      timeoutSeconds: STREAM_SECONDS,
      environment: {
        SWITCHYARD_BUCKET: bucket.name,
        SWITCHYARD_BUS: bus.name,
        // An empty one would be none, which means all.
        SWITCHYARD_PUBLISH: inputs.publish.join(",") || "none",
      },
      permissions: [
        useTable(table),
        readStream(table.nodes.table.streamArn),
        publishTo(bus),
        getFiles(bucket),
        listFiles(bucket),
        deleteFiles(bucket),
        sendTo([queues.undelivered]),
      ],
    }),
    clock: own(base, {
      name: "clock",
      description: "Each minute: jobs whose time has come, turns that nobody took",
      timeoutSeconds: CLOCK_SECONDS,
      environment: forEngine(base),
      permissions: engineRights(base),
    }),
    recover: own(base, {
      name: "recover",
      description: "Every five minutes: finds what was lost and puts it right",
      timeoutSeconds: RECOVER_SECONDS,
      environment: { ...forEngine(base), SWITCHYARD_DEAD_LETTERS: asJson(queueNames, (name) => queues.deadLetters[name].url) },
      permissions: [...engineRights(base), takeDeadLetters(queues), deleteFiles(bucket)],
    }),
    wake: own(base, {
      name: "wake",
      description: "Looks again at jobs whose time, within 15 minutes, has come",
      timeoutSeconds: CONSUMER_TIMEOUT_SECONDS,
      environment: forEngine(base),
      permissions: [...engineRights(base), consume(queues.turns.wake)],
    }),
    executionEnded: own(base, {
      name: "executionEnded",
      called: "execution-ended",
      description: "Hears of executions that did not succeed",
      timeoutSeconds: STEP_SECONDS,
      environment: forEngine(base),
      permissions: engineRights(base),
    }),
  };
}

/** Whoever runs the engine may be the one that ends a job, reads its result for the next step and hands that one over. */
const engineRights = ({ table, bucket, queues }: Base): Grant[] => [
  useTable(table),
  getFiles(bucket),
  putFiles(bucket),
  listFiles(bucket),
  sendToAll(queues),
];

const forEngine = ({ bucket, queues }: Base) => ({
  SWITCHYARD_BUCKET: bucket.name,
  SWITCHYARD_QUEUES: asJson(queueNames, (name) => queues.turns[name].url),
});

/** What functions there are, beside the code of whoever has to know. */
const catalogue = ({ catalogueFile }: JobFunctions) => [{ from: catalogueFile, to: "functions.json" }];

interface Own extends Pick<LambdaArgs, "description" | "timeoutSeconds" | "permissions" | "copyFiles"> {
  readonly environment: Readonly<Record<string, $util.Input<string>>>;
  readonly name: FunctionName;
  /** If there are several of its kind. */
  readonly logical?: string;
  readonly called?: string;
}

function own({ inputs, table }: Base, { name, logical, called = name, environment, ...more }: Own) {
  return lambda(
    // Not just its name: SST's components of the API, the stream and so on are called that.
    `${logical ?? capital(name)}Lambda`,
    {
      ...more,
      called,
      handler: `functions/${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.handler`,
      environment: { SWITCHYARD_STAGE: inputs.stage, SWITCHYARD_TABLE: table.name, ...environment },
      memoryMB: inputs.memory[name],
      reserved: inputs.quotas.reserved[name],
    },
    inputs,
  );
}

const asJson = <N extends string>(names: readonly N[], valueOf: (name: N) => $util.Input<string>) =>
  $jsonStringify(Object.fromEntries(names.map((name) => [name, valueOf(name)])));
