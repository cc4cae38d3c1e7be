// `switchyard …`: the list of commands, and the one wrapper that prints errors and sets the exit code.
import { readFileSync } from "node:fs";
import { Command } from "commander";
import { addBatch } from "./batch/add.ts";
import { addDoctor } from "./doctor.ts";
import { exitCodes } from "./errors.ts";
import { addEvent } from "./event/tail.ts";
import { addGlobals, inheritGlobals } from "./globals.ts";
import { addJob } from "./job/add.ts";
import { Screen } from "./output/screen.ts";
import { report } from "./report.ts";
import { addRun } from "./run/add.ts";
import { addStats } from "./stats.ts";
import { addWorkflow } from "./workflow/add.ts";

/** Those that speak to a server, wherever it is. */
const commands = [addJob, addBatch, addWorkflow, addRun, addEvent, addStats, addDoctor];

/** Those that are one: they have options of their own, and bring the engine, whose loading others need not wait for. */
async function addServers(program: Command): Promise<void> {
  const [{ addServe, addDev }, { addDemo }] = await Promise.all([import("./serve.ts"), import("./demo.ts")]);
  for (const add of [addServe, addDev, addDemo]) add(program);
}

const footer = `
Exit codes: 0 ok, 1 the job, run or batch failed, 2 wrong usage, 3 the server refused or is not there.
Start with:
  $ switchyard serve
  $ switchyard job submit ./script.sh --wait
  $ switchyard job status`;

async function programFor(args: readonly string[]): Promise<Command> {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string };
  const program = new Command("switchyard")
    .description("Submit jobs and workflows, watch them, steer them.")
    .version(version)
    .enablePositionalOptions()
    .exitOverride()
    // Errors of usage are printed where all others are.
    .configureOutput({ outputError: () => undefined })
    .hook("preAction", (_program, command) => inheritGlobals(command))
    .addHelpText("after", footer);
  for (const add of commands) add(program);
  addGlobals(program);
  // For help and for what nobody knows, too: it may be one of them misspelt.
  if (!program.commands.some((command) => command.name() === args[0])) await addServers(program);
  return program;
}

/** Before options are understood, too: what goes wrong there is told in the same way. */
const wantsJson = (args: readonly string[]): boolean =>
  args.slice(0, args.includes("--") ? args.indexOf("--") : undefined).includes("--json");

async function main(args: readonly string[]): Promise<void> {
  // A reader such as `head` has seen enough.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code !== "EPIPE") throw error;
      process.exit(exitCodes.ok);
    });
  }
  try {
    await (await programFor(args)).parseAsync(args, { from: "user" });
  } catch (error) {
    process.exitCode = report(error, new Screen(process.stderr, process.env), wantsJson(args));
  }
}

await main(process.argv.slice(2));
