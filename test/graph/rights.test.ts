import { describe, expect, test } from "vitest";
import { textOf } from "../graph-harness/graph.ts";
import { listOf, rightsOf, statementsOf, type Statement } from "../graph-harness/view.ts";
import { fileFolders } from "../../shared/names.ts";
import { graphOf, stages } from "./graph.given.ts";

/** Where AWS lets nobody name what the right is for. */
const withoutResource: Record<string, string> = {
  "logs:CreateLogDelivery": "Step Functions sets up a machine's logs",
  "logs:GetLogDelivery": "Step Functions sets up a machine's logs",
  "logs:UpdateLogDelivery": "Step Functions sets up a machine's logs",
  "logs:DeleteLogDelivery": "Step Functions sets up a machine's logs",
  "logs:ListLogDeliveries": "Step Functions sets up a machine's logs",
  "logs:PutResourcePolicy": "Step Functions sets up a machine's logs",
  "logs:DescribeResourcePolicies": "Step Functions sets up a machine's logs",
  "logs:DescribeLogGroups": "Step Functions sets up a machine's logs",
  "ec2:CreateNetworkInterface": "Lambda joins a network of the operator's",
  "ec2:DescribeNetworkInterfaces": "Lambda joins a network of the operator's",
  "ec2:DescribeSubnets": "Lambda joins a network of the operator's",
  "ec2:DeleteNetworkInterface": "Lambda joins a network of the operator's",
  "ec2:AssignPrivateIpAddresses": "Lambda joins a network of the operator's",
  "ec2:UnassignPrivateIpAddresses": "Lambda joins a network of the operator's",
};

const roles = (stage: Parameters<typeof graphOf>[0]) => graphOf(stage).ofType("aws:iam/role:Role");

describe.each([...stages, "chosen" as const])("stage %s", (stage) => {
  const rights = roles(stage).flatMap((role) => rightsOf(role).map((right) => ({ role: role.name, right })));

  test("no right is for any action of a service", () => {
    expect(rights.length).toBeGreaterThan(50);
    expect(rights.filter(({ right }) => listOf(right.Action).some((action) => action.includes("*")))).toEqual([]);
  });

  test("a right is for named things wherever AWS lets them be named", () => {
    const open = rights.filter(({ right }) => listOf(right.Resource).includes("*"));
    const unexplained = open.flatMap(({ role, right }) => listOf(right.Action).filter((action) => !(action in withoutResource)).map((action) => `${role}: ${action}`)); // prettier-ignore
    expect(unexplained).toEqual([]);
  });

  test("no role has a policy that AWS keeps: they are for every log group and every queue", () => {
    for (const { inputs } of roles(stage)) expect(inputs.managedPolicyArns ?? []).toEqual([]);
  });

  test("a role is taken on by one service, and by nobody of the account", () => {
    for (const { name, inputs } of roles(stage)) {
      const trusted = statementsOf(inputs.assumeRolePolicy).map(({ Principal }) => Principal);
      expect(
        ["lambda", "states", "scheduler"].map((service) => [{ Service: `${service}.amazonaws.com` }]),
        name,
      ).toContainEqual(trusted);
    }
  });

  test("machines and schedules act on behalf of this account only", () => {
    const others = roles(stage).filter(({ inputs }) => !textOf(inputs.assumeRolePolicy).includes("lambda.amazonaws.com"));
    expect(others).toHaveLength(3);
    for (const { inputs } of others)
      expect(statementsOf(inputs.assumeRolePolicy)[0]!.Condition).toEqual({ StringEquals: { "aws:SourceAccount": "123456789012" } });
  });

  test("the Lambda of a job has no right but to write its own log", () => {
    const graph = graphOf(stage);
    const jobs = graph.ofType("aws:lambda/function:Function").filter(({ inputs }) => textOf(inputs.name).includes("-job-"));
    expect(jobs.length).toBeGreaterThan(0);
    for (const { inputs } of jobs) {
      const group = (inputs.loggingConfig as { logGroup: string }).logGroup;
      const others = rightsOf(graph.roleOf(inputs.role)).filter(
        ({ Action }) => !listOf(Action).every((action) => action.startsWith("ec2:")),
      );
      expect(others).toEqual([
        {
          Effect: "Allow",
          Action: ["logs:CreateLogStream", "logs:PutLogEvents"],
          Resource: [`arn:aws:logs:eu-west-1:123456789012:log-group:${group}:*`],
        },
      ]);
    }
  });

  test("whoever runs the engine may read and write every folder of the bucket that the store uses, and nothing else there", () => {
    const files = (roleName: string, action: string) =>
      roles(stage)
        .filter(({ name }) => name === roleName)
        .flatMap(rightsOf)
        .filter((right) => listOf(right.Action).includes(action))
        .flatMap((right) => listOf(right.Resource))
        .map((arn) => arn.slice(arn.indexOf("/") + 1));
    for (const role of ["ApiLambdaRole", "SettleLambdaRole", "DispatchMediumLambdaRole"]) {
      expect(files(role, "s3:GetObject").toSorted(), role).toEqual(fileFolders.map((folder) => `${folder}/*`).toSorted());
      expect(files(role, "s3:PutObject").toSorted(), role).toEqual(fileFolders.map((folder) => `${folder}/*`).toSorted());
    }
  });

  test("only the dispatchers start executions, and only those of the two machines", () => {
    const starting = rights.filter(({ right }) => listOf(right.Action).includes("states:StartExecution"));
    expect(starting.map(({ role }) => role).toSorted()).toEqual(
      ["Critical", "High", "Low", "Medium"].map((queue) => `Dispatch${queue}LambdaRole`),
    );
    const machines = graphOf(stage).ofType("aws:sfn/stateMachine:StateMachine").map(({ outputs }) => outputs.arn); // prettier-ignore
    for (const { right } of starting) expect(listOf(right.Resource).toSorted()).toEqual(machines.toSorted());
  });

  test("secrets are read by the API and, but for the token, by the dispatchers", () => {
    const reading = rights.filter(({ right }) => listOf(right.Action).includes("ssm:GetParameter"));
    const parameter = (name: string) => `arn:aws:ssm:eu-west-1:123456789012:parameter/switchyard/${stage}/${name}`;
    for (const { role, right } of reading)
      expect(listOf(right.Resource)).toEqual(
        role === "ApiLambdaRole" ? [parameter("token"), parameter("attempt-key"), parameter("secrets/*")] : [parameter("attempt-key")],
      );
    expect(reading).toHaveLength(5);
  });
});

test("a machine calls our three steps and the Lambdas of its own stage's jobs", () => {
  const calls = (right: Statement) => listOf(right.Action).includes("lambda:InvokeFunction");
  for (const name of ["ExpressMachineRole", "StandardMachineRole"]) {
    const called = rightsOf(graphOf("dev").one("aws:iam/role:Role", name)).filter(calls).flatMap(({ Resource }) => Resource); // prettier-ignore
    expect(called.map((arn) => /function:(?:switchyard-dev-)?(\w+?)(?:Lambda|-)/.exec(arn)?.[1])).toEqual(["Settle", "Requeue", "Release", "job"]); // prettier-ignore
    expect(called.at(-1)).toBe("arn:aws:lambda:eu-west-1:123456789012:function:switchyard-dev-job-*");
  }
});
