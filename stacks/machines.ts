// The two state machines that run attempts, of one definition: Express for up to a minute, Standard for more.
import { stateMachine } from "../shared/adapters/aws/states/machine.ts";
import { machines, type MachineName } from "../shared/names.ts";
import type { Inputs } from "./inputs.ts";
import { capital, named, trustForThisAccount } from "./named.ts";

export type Machines = Readonly<Record<MachineName, aws.sfn.StateMachine>>;

interface Parts {
  readonly table: sst.aws.Dynamo;
  readonly settle: sst.aws.Function;
  readonly requeue: sst.aws.Function;
  readonly release: sst.aws.Function;
}

export const jobMachines = (parts: Parts, inputs: Inputs): Machines =>
  Object.fromEntries(machines.map((kind) => [kind, machine(kind, parts, inputs)])) as Record<MachineName, aws.sfn.StateMachine>;

function machine(kind: MachineName, { table, settle, requeue, release }: Parts, { logs, stage }: Inputs) {
  const logical = `${capital(kind)}Machine`;
  const group = new aws.cloudwatch.LogGroup(`${logical}Logs`, {
    // Below this, CloudWatch lets all machines write by one short policy.
    name: `/aws/vendedlogs/states/${named(kind)}`,
    retentionInDays: logs.retentionDays,
  });
  const steps = [settle.arn, requeue.arn, release.arn];
  const role = new aws.iam.Role(`${logical}Role`, {
    name: named(`${kind}-machine`),
    assumeRolePolicy: trustForThisAccount("states.amazonaws.com"),
    inlinePolicies: [
      {
        name: "attempt",
        policy: aws.iam.getPolicyDocumentOutput({
          statements: [
            { actions: ["dynamodb:UpdateItem"], resources: [table.arn] },
            { actions: ["lambda:InvokeFunction"], resources: [...steps, lambdasOfJobs(stage)] },
            { actions: logDelivery, resources: ["*"] },
          ],
        }).json,
      },
    ],
  });
  const definition = $resolve([table.name, ...steps] as const).apply(([tableName, settleArn, requeueArn, releaseArn]) =>
    JSON.stringify(stateMachine({ kind, table: tableName!, settle: settleArn!, requeue: requeueArn!, release: releaseArn! })),
  );
  return new aws.sfn.StateMachine(logical, {
    name: named(kind),
    type: kind.toUpperCase(),
    roleArn: role.arn,
    definition,
    loggingConfiguration: {
      level: "ERROR",
      // Params and results are the users' own.
      includeExecutionData: false,
      logDestination: $interpolate`${group.arn}:*`,
    },
  });
}

/** By their common beginning (shared/names.ts), because a list of them would be too long for a policy. No stage's name holds `-job-`. */
const lambdasOfJobs = (stage: string) =>
  $resolve([aws.getRegionOutput().region, aws.getCallerIdentityOutput().accountId] as const).apply(
    ([region, account]) => `arn:aws:lambda:${region}:${account}:function:switchyard-${stage}-job-*`,
  );

/** Step Functions sets up its logs with the machine's own rights, and AWS names no resource for them. */
const logDelivery = [
  "logs:CreateLogDelivery",
  "logs:GetLogDelivery",
  "logs:UpdateLogDelivery",
  "logs:DeleteLogDelivery",
  "logs:ListLogDeliveries",
  "logs:PutResourcePolicy",
  "logs:DescribeResourcePolicies",
  "logs:DescribeLogGroups",
];
