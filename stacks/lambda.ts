// How every Lambda here is made: a role that only Lambda takes on and that holds nothing but what is named, logs in JSON with a
// retention, no paid lines about starts and ends.
import { writeLogs, type Grant } from "./grants.ts";
import type { Inputs } from "./inputs.ts";
import { named, trustOnly } from "./named.ts";

export interface LambdaArgs extends Pick<sst.aws.FunctionArgs, "handler" | "bundle" | "copyFiles" | "environment" | "vpc" | "name"> {
  /** Also of its log group. */
  readonly called: string;
  readonly description: string;
  readonly timeoutSeconds: number;
  readonly memoryMB: number;
  readonly reserved?: number | undefined;
  readonly permissions: readonly Grant[];
}

export function lambda(logicalName: string, args: LambdaArgs, { logs }: Inputs): sst.aws.Function {
  const { called, timeoutSeconds, memoryMB, reserved, permissions, ...given } = args;
  const group = new aws.cloudwatch.LogGroup(`${logicalName}Logs`, {
    name: `/aws/lambda/${named(called)}`,
    retentionInDays: logs.retentionDays,
  });
  return new sst.aws.Function(logicalName, {
    ...given,
    runtime: "nodejs24.x",
    architecture: "arm64",
    timeout: `${timeoutSeconds} seconds`,
    memory: `${memoryMB} MB`,
    permissions: [...permissions, writeLogs(group)],
    ...(reserved !== undefined && { concurrency: { reserved } }),
    logging: { format: "json", logGroup: group.name },
    transform: {
      role: (role) => {
        // SST would let the account's every user take it on, and write to every log group there is.
        role.assumeRolePolicy = trustOnly("lambda.amazonaws.com");
        role.managedPolicyArns = [];
      },
      function: (fn) => {
        fn.loggingConfig = $output(fn.loggingConfig).apply((config) => ({
          ...config,
          logFormat: "JSON",
          applicationLogLevel: "INFO",
          systemLogLevel: "WARN",
        }));
      },
    },
  });
}
