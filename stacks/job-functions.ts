// One Lambda for each function job. They hold no right of ours: what they need they get in their call, and by the attempt protocol.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { jobLambdaName } from "../shared/names.ts";
import type { Inputs } from "./inputs.ts";
import { lambda } from "./lambda.ts";
import { capital } from "./named.ts";

export interface JobFunctions {
  /** Lies beside the code of whoever has to know what functions there are. */
  readonly catalogueFile: string;
}

/** As functions/build-jobs.ts leaves it; `folder` holds index.mjs. */
interface Built {
  readonly functions: readonly {
    readonly name: string;
    readonly folder: string;
  }[];
}

/** The most that there is: a job may ask for more time than its function's own, and the wrapper ends each attempt at its time. */
const JOB_SECONDS = 900;

export function jobFunctions(inputs: Inputs): JobFunctions {
  const out = join($cli.paths.work, "lambda");
  const { functions } = build(inputs.jobs, out);
  for (const { name, folder } of functions) {
    lambda(
      logicalName(name),
      {
        name: jobLambdaName(inputs.stage, name),
        called: `job-${name}`,
        description: `Function job ${name}`,
        bundle: relative($cli.paths.root, join(out, folder)),
        handler: "index.handler",
        timeoutSeconds: JOB_SECONDS,
        memoryMB: inputs.memory.jobs,
        permissions: vpcRights(inputs),
        ...(inputs.vpc && { vpc: { privateSubnets: inputs.vpc.subnets, securityGroups: inputs.vpc.securityGroups } }),
      },
      inputs,
    );
  }
  return { catalogueFile: relative($cli.paths.root, join(out, "functions.json")) };
}

function build(jobs: string, out: string): Built {
  const ownNode = join("node_modules", ".bin", "node");
  execFileSync(existsSync(ownNode) ? ownNode : "node", ["functions/build-jobs.ts", "--jobs", jobs, "--out", out], { stdio: "pipe" });
  return JSON.parse(readFileSync(join(out, "build.json"), "utf8")) as Built;
}

const HASH_CHARS = 8;
const READABLE_CHARS = 30;

/** Of its name alone, so that another job beside it changes nothing. Names may differ by case or by what no logical name may hold. */
function logicalName(name: string): string {
  if (name.length <= READABLE_CHARS && /^[a-z][a-z0-9]*$/.test(name)) return `Job${capital(name)}`;
  const hash = createHash("sha256").update(name).digest("hex").slice(0, HASH_CHARS);
  return `Job${capital(name.replaceAll(/[^A-Za-z0-9]/g, "").slice(0, READABLE_CHARS))}${hash}`;
}

/** Lambda puts its network interfaces into the subnets with the function's own rights, and AWS names no resource for them. */
const vpcRights = ({ vpc }: Inputs) =>
  vpc === null
    ? []
    : [
        {
          actions: [
            "ec2:CreateNetworkInterface",
            "ec2:DescribeNetworkInterfaces",
            "ec2:DescribeSubnets",
            "ec2:DeleteNetworkInterface",
            "ec2:AssignPrivateIpAddresses",
            "ec2:UnassignPrivateIpAddresses",
          ],
          resources: ["*"],
        },
      ];
