// What happens at a time rather than after something: due jobs each minute, repairs every five. A tick that fails is not tried again,
// because the next one does its work.
import { named, trustForThisAccount } from "./named.ts";
import type { Queues } from "./queues.ts";

interface Ticking {
  readonly clock: sst.aws.Function;
  readonly recover: sst.aws.Function;
}

export function ticks({ clock, recover }: Ticking, { undelivered }: Queues) {
  const group = new aws.scheduler.ScheduleGroup("Ticks", { name: named("ticks") });
  const role = new aws.iam.Role("TicksRole", {
    name: named("ticks"),
    assumeRolePolicy: trustForThisAccount("scheduler.amazonaws.com"),
    inlinePolicies: [
      {
        name: "tick",
        policy: aws.iam.getPolicyDocumentOutput({
          statements: [
            { actions: ["lambda:InvokeFunction"], resources: [clock.arn, recover.arn] },
            { actions: ["sqs:SendMessage"], resources: [undelivered.arn] },
          ],
        }).json,
      },
    ],
  });
  const tick = (logical: string, called: string, target: sst.aws.Function, rate: string) => {
    new aws.scheduler.Schedule(logical, {
      name: named(called),
      groupName: group.name,
      scheduleExpression: rate,
      flexibleTimeWindow: { mode: "OFF" },
      target: {
        arn: target.arn,
        roleArn: role.arn,
        retryPolicy: { maximumRetryAttempts: 0 },
        deadLetterConfig: { arn: undelivered.arn },
      },
    });
    new aws.lambda.FunctionEventInvokeConfig(`${logical}Once`, { functionName: target.name, maximumRetryAttempts: 0 });
  };
  tick("ClockTick", "clock", clock, "rate(1 minute)");
  tick("RecoverTick", "recover", recover, "rate(5 minutes)");
}
