import { expect, test } from "vitest";
import { graphOf } from "./graph.given.ts";

const graph = graphOf("chosen");
const lambda = (name: string) => graph.one("aws:lambda/function:Function", name).inputs;
const variables = (name: string) => (lambda(name).environment as { variables: Record<string, string> }).variables;

test("a domain of one's own is the API's address, with the certificate that was given", () => {
  expect(graph.evaluation.outputs.url).toBe("https://jobs.example.com");
  expect(variables("ApiLambdaFunction").SWITCHYARD_API_URL).toBe("https://jobs.example.com");
  expect(graph.one("aws:apigatewayv2/domainName:DomainName", "ApiDomainName").inputs).toMatchObject({
    domainName: "jobs.example.com",
    domainNameConfiguration: { certificateArn: "arn:aws:acm:eu-west-1:123456789012:certificate/one" },
  });
});

test("only sites that were named may call the API from a browser; by default none", () => {
  const cors = (name: "dev" | "chosen") => graphOf(name).one("aws:apigatewayv2/api:Api", "ApiApi").inputs.corsConfiguration;
  expect(cors("dev")).toEqual({});
  expect(cors("chosen")).toMatchObject({ allowOrigins: ["https://example.com"] });
});

test("requests are throttled as told", () => {
  expect(graph.one("aws:apigatewayv2/stage:Stage", "ApiStage").inputs.defaultRouteSettings).toEqual({
    throttlingRateLimit: 11,
    throttlingBurstLimit: 12,
  });
});

test("function jobs run in the network that was given, our own functions do not", () => {
  expect(lambda("JobHelloFunction").vpcConfig).toEqual({ subnetIds: ["subnet-1"], securityGroupIds: ["sg-1"] });
  expect(lambda("ApiLambdaFunction").vpcConfig).toBeUndefined();
});

test("memory, reserved concurrency and retention are taken over", () => {
  expect(lambda("ApiLambdaFunction")).toMatchObject({ memorySize: 2048, reservedConcurrentExecutions: 7 });
  expect(lambda("JobHelloFunction").memorySize).toBe(1024);
  const retentions = graph.ofType("aws:cloudwatch/logGroup:LogGroup").map(({ inputs }) => inputs.retentionInDays);
  expect(new Set(retentions)).toEqual(new Set([7]));
});

test("the API knows whose tokens it takes, the stream which events to publish", () => {
  expect(JSON.parse(variables("ApiLambdaFunction").SWITCHYARD_JWT!)).toEqual({
    issuer: "https://issuer.example.com",
    audience: "switchyard",
  });
  expect(variables("StreamLambdaFunction").SWITCHYARD_PUBLISH).toBe("job.failed,run.*");
});
