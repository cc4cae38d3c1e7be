// The Standard machine tells of executions that did not succeed, on the account's default bus. A hint: the lease is the guarantee.
import { named } from "./named.ts";
import { EXECUTION_ENDED_RULE, type Queues } from "./queues.ts";

const HINT_TRIES = 8;
const HINT_SECONDS = 3600;

export function executionEvents(standard: aws.sfn.StateMachine, executionEnded: sst.aws.Function, { undelivered }: Queues) {
  const rule = new aws.cloudwatch.EventRule("ExecutionEndedRule", {
    name: named(EXECUTION_ENDED_RULE),
    eventPattern: $jsonStringify({
      source: ["aws.states"],
      "detail-type": ["Step Functions Execution Status Change"],
      detail: { stateMachineArn: [standard.arn], status: ["FAILED", "TIMED_OUT", "ABORTED"] },
    }),
  });
  const permission = new aws.lambda.Permission("ExecutionEndedPermission", {
    action: "lambda:InvokeFunction",
    function: executionEnded.name,
    principal: "events.amazonaws.com",
    sourceArn: rule.arn,
  });
  new aws.cloudwatch.EventTarget(
    "ExecutionEndedTarget",
    {
      rule: rule.name,
      targetId: "execution-ended",
      arn: executionEnded.arn,
      retryPolicy: { maximumRetryAttempts: HINT_TRIES, maximumEventAgeInSeconds: HINT_SECONDS },
      deadLetterConfig: { arn: undelivered.arn },
    },
    { dependsOn: [permission] },
  );
}
