// How commands are declared: groups of verbs, with the options that all of them take.
import { InvalidArgumentError, Option, type Command } from "commander";
import { parseDuration } from "../shared/domain/duration.ts";

const HEADING = "Global options:";

const globalOptions = (): Option[] =>
  [
    new Option("--json", "raw JSON on stdout and nothing else; problems as JSON on stderr"),
    new Option("--url <url>", "the server (else SWITCHYARD_URL, SWITCHYARD_PORT, the server of the data folder, http://127.0.0.1:7788)"),
    new Option("--token <token>", "its token (else SWITCHYARD_TOKEN, the data folder's)"),
    new Option("--dir <dir>", "the server's data folder (else SWITCHYARD_DIR, .switchyard)"),
    new Option("--curl", "print the request as a curl command, and do nothing"),
  ].map((option) => option.helpGroup(HEADING));

/** Last, so that a command's own options come first in its help; groups take them, too, but list only their verbs. */
export function addGlobals(command: Command): void {
  const isGroup = command.parent !== null && command.commands.length > 0;
  for (const option of globalOptions()) command.addOption(option.hideHelp(isGroup));
  for (const verb of command.commands) addGlobals(verb);
}

/** Global options may stand anywhere: what was said before a verb holds for the verb. */
export function inheritGlobals(command: Command): void {
  for (let above = command.parent; above; above = above.parent) {
    for (const [name, value] of Object.entries(above.opts())) {
      const isKnown = command.options.some((option) => option.attributeName() === name);
      if (isKnown && command.getOptionValue(name) === undefined) command.setOptionValue(name, value);
    }
  }
}

export const groupOf = (program: Command, name: string, summary: string): Command =>
  program.command(name).description(summary).enablePositionalOptions();

export function verbOf(group: Command, nameAndOperands: string, summary: string, examples: readonly string[] = []): Command {
  const verb = group.command(nameAndOperands).description(summary);
  return examples.length === 0
    ? verb
    : verb.addHelpText("after", `\nExamples:\n${examples.map((example) => `  $ switchyard ${example}`).join("\n")}`);
}

/** For options that may be given again and again. */
export const collect = (value: string, before: string[] = []): string[] => [...before, value];

export const commaList = (value: string, before: string[] = []): string[] => [...before, ...value.split(",").filter((part) => part !== "")];

export function count(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || !Number.isSafeInteger(value)) throw new InvalidArgumentError("It must be a whole number.");
  return value;
}

export function duration(text: string): string {
  if (parseDuration(text) === null)
    throw new InvalidArgumentError('It must be a duration such as "90s", "5m", "24h", "30d", "01:30:00", or a number of seconds.');
  return text;
}
