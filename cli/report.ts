// The one place that prints errors and says what the command exits with.
import { CommanderError } from "commander";
import { SwitchyardError } from "../shared/domain/errors.ts";
import { CliError, EndedBadly, exitCodes, Printed, usage, type ExitCode } from "./errors.ts";
import type { Screen } from "./output/screen.ts";
import { clean } from "./output/text.ts";

export function report(error: unknown, err: Screen, isJson: boolean): ExitCode {
  if (error instanceof Printed) return exitCodes.ok;
  if (error instanceof EndedBadly) {
    if (error.message !== "" && !isJson) err.line(error.message);
    return exitCodes.failed;
  }
  if (error instanceof AggregateError) return error.errors.map((each) => report(each, err, isJson)).at(-1) ?? exitCodes.refused;
  // Help was asked for, or shown for want of a verb: it is on the screen already.
  if (error instanceof CommanderError && /^commander\.(help|version)/.test(error.code))
    return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  const known = asCliError(error);
  if (isJson) err.line(JSON.stringify(known.problem));
  else for (const line of linesOf(known, err)) err.line(line);
  return known.exitCode;
}

function linesOf({ problem, hint }: CliError, { paint }: Screen): string[] {
  return [
    `${paint.red("switchyard:")} ${problem.detail.split("\n").map(clean).join("\n")}`,
    // A single fault is often the whole of it.
    ...(problem.errors ?? [])
      .filter(({ message }) => message !== problem.detail)
      .map(({ path, message }) => `  ${path === "" ? "" : `${clean(path)}: `}${clean(message)}`),
    ...(hint === undefined ? [] : hint.split("\n").map((line) => `  ${paint.dim(line)}`)),
  ];
}

function asCliError(error: unknown): CliError {
  if (error instanceof CliError) return error;
  if (error instanceof CommanderError) {
    const [detail = "", ...more] = error.message.replace(/^error: /, "").split("\n");
    const hint = [...more, error.code === "commander.unknownOption" ? "Arguments for a script or a container go behind --." : ""]
      .filter(Boolean)
      .join("\n");
    return usage(`${detail.replace(/\.$/, "")}.`, hint === "" ? "`--help` shows what there is." : hint);
  }
  if (error instanceof SwitchyardError) {
    const problem = { code: error.code, detail: error.message, ...(error.faults.length > 0 && { errors: error.faults }) };
    return new CliError(error.code === "request.invalid" ? exitCodes.usage : exitCodes.refused, problem);
  }
  // A bug of ours: its place is worth more than good looks.
  const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return new CliError(exitCodes.refused, { title: "Internal error", code: "cli.internal", detail });
}
