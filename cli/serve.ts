// `switchyard serve` and `switchyard dev`: the server in the foreground until it is told to stop.
import { InvalidArgumentError, type Command } from "commander";
import { parseDuration, SECOND } from "../shared/domain/duration.ts";
import { portOf, serveOptions, type ServeFlags } from "./config.ts";
import { startServer, type RunningServer } from "./server.ts";

const DRAIN_MS = 30 * SECOND;

const collect = (value: string, before: string[] = []): string[] => [...before, value];

function duration(text: string): number {
  const ms = parseDuration(text);
  if (ms === null) throw new InvalidArgumentError('It must be a duration such as "30s".');
  return ms;
}

export const serverOptions = (command: Command): Command =>
  command
    .option("--port <port>", "port to listen on; 0 = any free one (default 7788)", portOf)
    .option("--host <host>", "address to listen on (default 127.0.0.1)")
    .option("--dir <dir>", "data folder (default .switchyard)")
    .option("--jobs <dir>", "folder of function jobs (default jobs)")
    .option("--drain <duration>", "how long SIGTERM waits for what runs (default 30s)", duration)
    .option("--secret-env <name>", "a variable that jobs may use as a secret; repeatable", collect)
    .option("--allow-dir <dir>", "a folder in which scripts may have their working directory; repeatable", collect);

type Flags = ServeFlags & { readonly drain?: number };

export function addServe(program: Command): void {
  serverOptions(program.command("serve").description("run the server")).action((flags: Flags) => run(flags, false));
}

export function addDev(program: Command): void {
  serverOptions(program.command("dev").description("run the server, and load function jobs again when their files change")).action(
    (flags: Flags) => run(flags, true),
  );
}

async function run(flags: Flags, isDev: boolean): Promise<void> {
  const options = serveOptions(flags, process.env, process.cwd());
  const server = await startServer(options);
  greet(server, options.dir);
  if (isDev) server.local.registry?.watch(() => console.log(`Functions: ${namesOf(server) || "none"}`));
  await untilStopped(server, flags.drain ?? DRAIN_MS);
}

const namesOf = ({ local }: RunningServer): string =>
  local.engine.context.platform.functions
    .functions()
    .map(({ name }) => name)
    .join(", ");

export function greet(server: RunningServer, dir: string): void {
  const { adopted, lost } = server.local.engine.recovered;
  console.log(`Switchyard serves ${server.url} (documentation: ${server.url}/docs)`);
  console.log(`Data: ${dir}   Functions: ${namesOf(server) || "none"}`);
  if (adopted + lost > 0) console.log(`Found again after the last stop: ${adopted} running, ${lost} lost and started again.`);
}

/** The first signal drains, the second ends at once: what runs then is found again at the next start. */
export function untilStopped(server: RunningServer, drainMs: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let isStopping = false;
    const stop = (): void => {
      if (isStopping) process.exit(130);
      isStopping = true;
      console.log("Stopping: no new work is taken, what runs may end.");
      server.stop(drainMs).then((left) => {
        if (left > 0) console.log(`${left} still ran; scripts go on and are found again, functions are started again.`);
        resolve();
      }, reject);
    };
    process.on("SIGTERM", stop);
    process.on("SIGINT", stop);
  });
}
