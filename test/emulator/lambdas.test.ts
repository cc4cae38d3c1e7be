// What queues, rules, the API and Lambda itself do with a function of ours, as AWS has it.
import { CreateApiCommand, CreateIntegrationCommand, CreateRouteCommand, CreateStageCommand } from "@aws-sdk/client-apigatewayv2";
import { PutEventsCommand, PutRuleCommand, PutTargetsCommand } from "@aws-sdk/client-eventbridge";
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand } from "@aws-sdk/client-sqs";
import { expect, test } from "vitest";
import { allowEvents, makeLambda, mapQueue, until, withEmulator } from "./emulator.given.ts";

const arnOf = (queue: string) => `arn:aws:sqs:us-east-1:000000000000:${queue}`;

withEmulator("Lambdas", ({ clients, emulator }) => {
  const queue = async (QueueName: string, Attributes: Record<string, string> = {}) =>
    (await clients().sqs.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl!;
  const received = (QueueUrl: string) =>
    until(async () => (await clients().sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages?.[0]?.Body ?? null);

  test("an invocation that throws answers with the error's name, its message and its trace", async () => {
    await makeLambda(clients(), "range", `throw new RangeError("too far");`);
    const { FunctionError, Payload } = await clients().lambda.send(new InvokeCommand({ FunctionName: "range" }));
    expect(FunctionError).toBeDefined();
    expect(JSON.parse(Buffer.from(Payload!).toString())).toMatchObject({
      errorType: "RangeError",
      errorMessage: "too far",
      trace: expect.arrayContaining([expect.stringContaining("index.mjs")]) as string[],
    });
  });

  test("of a batch only what failed comes again, and goes to the dead letters in the end", async () => {
    const dead = await queue("dead");
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: arnOf("dead"), maxReceiveCount: 2 });
    const turns = await queue("turns", { VisibilityTimeout: "1", RedrivePolicy });
    const code = `return { batchItemFailures: event.Records.filter((one) => one.body === "bad").map((one) => ({ itemIdentifier: one.messageId })) };`;
    await makeLambda(clients(), "consumer", code, 1);
    await mapQueue(clients(), arnOf("turns"), "consumer", 10);
    for (const MessageBody of ["good", "bad"]) await clients().sqs.send(new SendMessageCommand({ QueueUrl: turns, MessageBody }));
    expect(await received(dead)).toBe("bad");
    expect((await clients().sqs.send(new ReceiveMessageCommand({ QueueUrl: dead }))).Messages ?? []).toEqual([]);
  });

  test("a queue whose messages come back before its function may end is refused, and so is a delay of more than 15 minutes", async () => {
    const url = await queue("short", { VisibilityTimeout: "5" });
    await makeLambda(clients(), "long", "", 30);
    await expect(mapQueue(clients(), arnOf("short"), "long", 1)).rejects.toThrow("Queue visibility timeout: 5 seconds is less than");
    const late = new SendMessageCommand({ QueueUrl: url, MessageBody: "late", DelaySeconds: 901 });
    await expect(clients().sqs.send(late)).rejects.toThrow("DelaySeconds");
  });

  test("a rule's target that is gone leaves the event in the target's dead letters", async () => {
    const { events } = clients();
    const lost = await queue("lost");
    await events.send(new PutRuleCommand({ Name: "gone", EventPattern: JSON.stringify({ source: ["test"] }) }));
    const Arn = "arn:aws:lambda:us-east-1:000000000000:function:gone";
    await events.send(new PutTargetsCommand({ Rule: "gone", Targets: [{ Id: "gone", Arn, DeadLetterConfig: { Arn: arnOf("lost") } }] }));
    await events.send(new PutEventsCommand({ Entries: [{ Source: "test", DetailType: "told", Detail: '{"n":1}' }] }));
    expect(JSON.parse(await received(lost))).toMatchObject({ "detail-type": "told", detail: { n: 1 } });
  });

  test("an event whose Lambda fails comes again", async () => {
    const { events } = clients();
    const tries = await queue("tries");
    const sqs = `fetch(process.env.AWS_ENDPOINT_URL + "/", { method: "POST", body: new URLSearchParams({ Action: "SendMessage", QueueUrl: "${tries}", MessageBody: "tried" }) })`;
    await makeLambda(clients(), "fails", `await ${sqs}; throw new Error("again");`);
    await allowEvents(clients(), "fails");
    await events.send(new PutRuleCommand({ Name: "again", EventPattern: JSON.stringify({ source: ["again"] }) }));
    await events.send(
      new PutTargetsCommand({ Rule: "again", Targets: [{ Id: "fails", Arn: "arn:aws:lambda:us-east-1:000000000000:function:fails" }] }),
    );
    await events.send(new PutEventsCommand({ Entries: [{ Source: "again", DetailType: "told", Detail: "{}" }] }));
    expect([await received(tries), await received(tries)]).toEqual(["tried", "tried"]);
  });

  test("an API whose Lambda throws answers a bare 500, and hands on cookies one by one", async () => {
    const { api } = clients();
    const uri = await makeLambda(clients(), "answers", `if (event.rawPath === "/throw") throw new Error("secret"); return { statusCode: 200, body: JSON.stringify([event.rawPath, event.cookies]) };`); // prettier-ignore
    const { ApiId } = await api.send(new CreateApiCommand({ Name: "test", ProtocolType: "HTTP" }));
    const integration = { ApiId, IntegrationType: "AWS_PROXY" as const, IntegrationUri: uri, PayloadFormatVersion: "2.0" };
    const { IntegrationId } = await api.send(new CreateIntegrationCommand(integration));
    await api.send(new CreateRouteCommand({ ApiId, RouteKey: "$default", Target: `integrations/${IntegrationId}` }));
    await api.send(new CreateStageCommand({ ApiId, StageName: "$default", AutoDeploy: true }));
    const at = (path: string) => fetch(`${emulator().url}/_aws/execute-api/${ApiId}${path}`, { headers: { cookie: "a=1; b=2" } });
    expect(await (await at("/v1/jobs")).json()).toEqual(["/v1/jobs", ["a=1", "b=2"]]);
    const thrown = await at("/throw");
    expect([thrown.status, await thrown.json()]).toEqual([500, { message: "Internal Server Error" }]);
  });
});
