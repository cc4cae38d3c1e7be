// `switchyard doctor`: whether what Switchyard needs is there, and what to do where it is not.
import type { Command } from "commander";
import { acting, type Call } from "./call.ts";
import { EndedBadly } from "./errors.ts";
import { verbOf } from "./globals.ts";
import { awsChecks } from "./doctor/aws.ts";
import { machineChecks } from "./doctor/machine.ts";
import { serverChecks } from "./doctor/server.ts";
import { clean } from "./output/text.ts";
import type { Check } from "./doctor/check.ts";

export function addDoctor(program: Command): void {
  verbOf(program, "doctor", "check this machine, the data folder and the server; exits with 1 if something fails")
    .option("--aws", "check a stage in the AWS account of your credentials instead")
    .option("--stage <name>", "which one", "production")
    .action(acting(doctor));
}

async function doctor(call: Call, { aws: isAws, stage }: { readonly aws?: boolean; readonly stage: string }): Promise<void> {
  const checks = isAws ? await awsChecks(stage) : [...machineChecks(call.address.dir), ...(await serverChecks(call))];
  const isWell = checks.every(({ verdict }) => verdict !== "fail");
  if (call.isJson) call.out.json({ ok: isWell, checks });
  else for (const check of checks) tell(call, check);
  if (!isWell) throw new EndedBadly();
}

function tell({ out }: Call, { name, verdict, says, todo }: Check): void {
  const { paint } = out;
  const verdicts = { ok: paint.green("ok  "), warn: paint.yellow("warn"), fail: paint.red("fail") };
  out.line(`${verdicts[verdict]}  ${name.padEnd(12)}  ${clean(says)}`);
  if (todo !== undefined) out.line(`      ${" ".repeat(12)}  ${paint.dim(clean(todo))}`);
}
