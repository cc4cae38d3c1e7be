/*
 * The way of an attempt as a state machine: claimed, invoked, settled, and what follows from that. It decides nothing itself: the
 * claim is a condition of the store's, and after the settle it does what the engine answers. Plain JSONPath, no SST, no SDK.
 *
 *   Claim ──▶ Invoke ──▶ Settle ──▶ After ─ end ────▶ Done
 *     │ somebody else's            │    ├─ wait ───▶ Wait ──▶ Requeue
 *     ▼                            │    └─ release ▶ Release ─▶ After
 *   NotOurs                        (a fault of Invoke is settled too)
 */
import type { MachineName } from "../../../names.ts";
import { claimUpdate } from "../dynamodb/claim.ts";

/** ARNs of functions, and the table's name. */
export interface MachineParts {
  readonly kind: MachineName;
  readonly table: string;
  readonly settle: string;
  readonly requeue: string;
  readonly release: string;
}

/** Of an execution's input: `lambda` is the job's own, `lease` in ms since 1970, `call` a FunctionCall. */
export interface ExecutionInput {
  readonly attemptId: string;
  readonly job: string;
  readonly pk: string;
  readonly lambda: string;
  readonly timeoutSeconds: number;
  readonly lease: string;
  readonly call: object;
}

/** Express executions live at most 5 minutes: a minute to run, the rest for whatever has to be tried again. */
const EXPRESS_SECONDS = 290;
/** The longest that a function runs (900 s), a wait of a minute, and the rest for whatever has to be tried again. */
const STANDARD_SECONDS = 1800;
const SETTLE_SECONDS = 60;

export function stateMachine(parts: MachineParts): object {
  return {
    Comment: `One attempt of a function job (${parts.kind})`,
    StartAt: "Claim",
    TimeoutSeconds: parts.kind === "express" ? EXPRESS_SECONDS : STANDARD_SECONDS,
    States: {
      Claim: claim(parts.table),
      Invoke: invoke,
      Settle: { ...step(parts.settle, settlePayload), Next: "After" },
      After: {
        Type: "Choice",
        Choices: [
          { Variable: "$.do", StringEquals: "wait", Next: "Wait" },
          { Variable: "$.do", StringEquals: "release", Next: "Release" },
        ],
        Default: "Done",
      },
      Wait: { Type: "Wait", SecondsPath: "$.seconds", Next: "Requeue" },
      Requeue: { ...step(parts.requeue, { "Payload.$": "$" }), End: true },
      Release: { ...step(parts.release, { "Payload.$": "$" }), Next: "After" },
      NotOurs: { Type: "Succeed", Comment: "Claimed by another execution, cancelled, or no longer the current attempt" },
      Done: { Type: "Succeed" },
    },
  };
}

/** After these nothing is known to be written, and writing it again is harmless: an execution that holds the claim may claim again. */
const passingOfDynamo = [
  "DynamoDB.ThrottlingException",
  "DynamoDB.ProvisionedThroughputExceededException",
  "DynamoDB.RequestLimitExceeded",
  "DynamoDB.RequestLimitExceededException",
  "DynamoDB.TransactionConflictException",
  "DynamoDB.InternalServerError",
  "DynamoDB.InternalServerErrorException",
  "DynamoDB.SdkClientException",
  "DynamoDB.AmazonDynamoDBException",
  "DynamoDB.DynamoDbException",
  "States.Timeout",
];

const claim = (table: string) => ({
  Type: "Task",
  Resource: "arn:aws:states:::dynamodb:updateItem",
  Parameters: {
    TableName: table,
    Key: { pk: { "S.$": "$.pk" }, sk: { S: "A#JOB" } },
    ...claimUpdate,
    ExpressionAttributeValues: {
      ":execution": { "S.$": "$$.Execution.Id" },
      ":at": { "S.$": "$$.State.EnteredTime" },
      ":lease": { "N.$": "$.lease" },
      ":attempt": { "S.$": "$.attemptId" },
      ":starting": { S: "starting" },
      ":one": { N: "1" },
    },
  },
  ResultPath: null,
  TimeoutSeconds: 10,
  Retry: [{ ErrorEquals: passingOfDynamo, IntervalSeconds: 1, BackoffRate: 2, MaxAttempts: 5, JitterStrategy: "FULL" }],
  Catch: [{ ErrorEquals: ["DynamoDB.ConditionalCheckFailedException"], ResultPath: null, Next: "NotOurs" }],
  Next: "Invoke",
});

/**
 * Only what surely did not run is tried again: a throttled invocation. Any other fault is settled as the attempt's end: it may have
 * run, and a second run would be an attempt that nobody counts.
 */
const invoke = {
  Type: "Task",
  Resource: "arn:aws:states:::lambda:invoke",
  Parameters: { "FunctionName.$": "$.lambda", "Payload.$": "$.call" },
  TimeoutSecondsPath: "$.timeoutSeconds",
  ResultSelector: { "answer.$": "$.Payload" },
  ResultPath: "$.ended",
  Retry: [{ ErrorEquals: ["Lambda.TooManyRequestsException"], IntervalSeconds: 1, BackoffRate: 2, MaxAttempts: 6, JitterStrategy: "FULL" }],
  Catch: [{ ErrorEquals: ["States.ALL"], ResultPath: "$.ended", Next: "Settle" }],
  Next: "Settle",
};

const settlePayload = { Payload: { "job.$": "$.job", "attemptId.$": "$.attemptId", "attempt.$": "$.call.attempt", "ended.$": "$.ended" } };

/** Our own steps are idempotent: whatever happens to them, they are tried again. */
const step = (FunctionName: string, payload: object) => ({
  Type: "Task",
  Resource: "arn:aws:states:::lambda:invoke",
  Parameters: { FunctionName, ...payload },
  OutputPath: "$.Payload",
  TimeoutSeconds: SETTLE_SECONDS,
  Retry: [{ ErrorEquals: ["States.ALL"], IntervalSeconds: 1, BackoffRate: 2, MaxAttempts: 6, JitterStrategy: "FULL" }],
});
