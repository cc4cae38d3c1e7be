// What the state machines of jobs lean on, as AWS has it. Each was wrong in the emulator without its patch.
import { StartExecutionCommand, StopExecutionCommand } from "@aws-sdk/client-sfn";
import { PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { CreateQueueCommand, ReceiveMessageCommand } from "@aws-sdk/client-sqs";
import { expect, test } from "vitest";
import { makeLambda, makeMachine, run, until, withEmulator } from "./emulator.given.ts";

withEmulator("state machines", ({ clients }) => {
  test("an error that a Lambda throws is caught by its name", async () => {
    const thrower = await makeLambda(
      clients(),
      "thrower",
      `const error = new Error("no card"); error.name = "Payment.Declined"; throw error;`,
    );
    const machine = await makeMachine(clients(), "catches", {
      Pay: {
        Type: "Task",
        Resource: thrower,
        Catch: [{ ErrorEquals: ["Payment.Declined"], ResultPath: "$.error", Next: "Caught" }],
        End: true,
      },
      Caught: { Type: "Pass", End: true },
    });
    const { status, output } = await run(clients(), machine);
    expect(status).toBe("SUCCEEDED");
    expect(JSON.parse(output!)).toMatchObject({
      error: { Error: "Payment.Declined", Cause: expect.stringContaining("no card") as string },
    });
  });

  test("a path that is not there fails, and no wildcard catches that", async () => {
    const machine = await makeMachine(clients(), "missing-path", {
      Look: { Type: "Task", Resource: "arn:aws:states:::lambda:invoke", Parameters: { "FunctionName.$": "$.absent" }, Catch: [{ ErrorEquals: ["States.ALL"], Next: "Caught" }], End: true },
      Caught: { Type: "Pass", End: true },
    }); // prettier-ignore
    expect(await run(clients(), machine, { present: 1 })).toMatchObject({ status: "FAILED", error: "States.Runtime" });
  });

  test("a task ends at its time-out, also where a path names it", async () => {
    const slow = await makeLambda(clients(), "slow", "await new Promise((resolve) => setTimeout(resolve, 5000));");
    const machine = await makeMachine(clients(), "timed", {
      Work: { Type: "Task", Resource: slow, TimeoutSecondsPath: "$.seconds", Catch: [{ ErrorEquals: ["States.Timeout"], Next: "Late" }], End: true },
      Late: { Type: "Pass", Result: "late", End: true },
    }); // prettier-ignore
    const begin = Date.now();
    expect(await run(clients(), machine, { seconds: 1 })).toMatchObject({ status: "SUCCEEDED", output: '"late"' });
    expect(Date.now() - begin).toBeLessThan(4000);
  });

  test("an operator of a choice matches its own type only", async () => {
    const machine = await makeMachine(clients(), "choice", {
      After: { Type: "Choice", Choices: [{ Variable: "$.do", StringEquals: "1", Next: "Text" }], Default: "Other" },
      Text: { Type: "Succeed" },
      Other: { Type: "Fail", Error: "Other" },
    });
    expect((await run(clients(), machine, { do: "1" })).status).toBe("SUCCEEDED");
    expect((await run(clients(), machine, { do: 1 })).status).toBe("FAILED");
  });

  test("started again by the same name and input it is the same execution; an Express one is another", async () => {
    const wait = { Wait: { Type: "Wait", Seconds: 60, End: true } };
    const [standard, express] = await Promise.all([makeMachine(clients(), "once", wait), makeMachine(clients(), "twice", wait, "EXPRESS")]);
    const start = (stateMachineArn: string) =>
      clients().states.send(new StartExecutionCommand({ stateMachineArn, name: "one", input: "{}" })).then(({ executionArn }) => executionArn); // prettier-ignore
    expect(await start(standard)).toBe(await start(standard));
    expect(await start(express)).not.toBe(await start(express));
    expect(await start(express)).toContain(":express:");
  });

  test("what is stopped stays stopped, and the default bus tells of it", async () => {
    const { sqs, events, states } = clients();
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "ends" }));
    const EventPattern = JSON.stringify({ source: ["aws.states"], detail: { status: ["ABORTED"] } });
    await events.send(new PutRuleCommand({ Name: "ends", EventPattern }));
    await events.send(new PutTargetsCommand({ Rule: "ends", Targets: [{ Id: "queue", Arn: "arn:aws:sqs:us-east-1:000000000000:ends" }] }));
    const stateMachineArn = await makeMachine(clients(), "stopped", { Wait: { Type: "Wait", Seconds: 60, End: true } });
    const { executionArn } = await states.send(new StartExecutionCommand({ stateMachineArn }));
    await states.send(new StopExecutionCommand({ executionArn }));
    const told = await until(async () => (await sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages?.[0]?.Body ?? null);
    expect(JSON.parse(told)).toMatchObject({ detail: { executionArn, status: "ABORTED" } });
  });

  test("a definition that AWS would refuse is refused", async () => {
    const lost = { Go: { Type: "Pass", Next: "Nowhere" } };
    await expect(makeMachine(clients(), "lost", lost)).rejects.toThrow("MISSING_TRANSITION_TARGET");
    const token = { Go: { Type: "Task", Resource: "arn:aws:states:::lambda:invoke.waitForTaskToken", End: true } };
    await expect(makeMachine(clients(), "token", token, "EXPRESS")).rejects.toThrow("does not support");
  });
});
