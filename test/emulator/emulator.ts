// The AWS emulator as a process: MiniStack with our overlay, and podman's service beside it where containers are to run.
import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { homedir, tmpdir } from "node:os";
import { dirname, join } from "node:path";

export interface EmulatorOptions {
  /** By default one that is free. */
  readonly port?: number;
  /** ECS tasks run as containers; needs podman. */
  readonly ecs?: boolean;
  /** By default in its own folder, which `stop` removes. */
  readonly logFile?: string;
  /** Outlives this process. Otherwise it ends with it, however that ends. */
  readonly detached?: boolean;
  /** Its own variables, see README.md. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface Emulator {
  readonly url: string;
  /** Leader of a process group that holds the workers of Lambdas too. */
  readonly pid: number;
  readonly podmanPid?: number | undefined;
  /** Everything that it writes. */
  readonly dir: string;
  /** Forgets everything that was made in it. */
  reset(): Promise<void>;
  stop(): Promise<void>;
}

const root = join(import.meta.dirname, "../..");
const python = join(root, ".switchyard-emulator/venv/bin/python");
const HEALTHY_WITHIN_MS = 30_000;
const PODMAN_WITHIN_MS = 10_000;
const STOPPED_WITHIN_MS = 5000;

type Stdio = ["ignore", number, number];

const EMULATOR_MISSING =
  "left out on this machine: the AWS emulator is not installed (needs python3 with venv, then: node scripts/setup.mjs --test)";
const hasEmulator = (): boolean => existsSync(python);

/** Where it is not installed, what needs it is left out by name; in CI that is an error. */
export function canEmulate(): boolean {
  if (hasEmulator()) return true;
  if (process.env.CI === "true") throw new Error(EMULATOR_MISSING);
  console.warn(EMULATOR_MISSING);
  return false;
}

/** @throws Error with the end of its log if it does not get healthy within 30 s */
export async function startEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  if (!hasEmulator()) throw new Error(EMULATOR_MISSING);
  const port = await freePort(options.port);
  // Not below this repository: its package.json says "type": "module", and MiniStack writes CommonJS into its temporary folder.
  const dir = mkdtempSync(join(tmpdir(), "switchyard-emulator-"));
  const logFile = options.logFile ?? join(dir, "emulator.log");
  const log = openSync(logFile, "a");
  const stdio: Stdio = ["ignore", log, log];
  const podman = options.ecs ? await startPodman(dir, stdio) : null;
  const emulator = spawn(python, [join(import.meta.dirname, "overlay/emu.py")], {
    stdio,
    detached: true,
    env: {
      ...bareEnvironment(dir),
      BIND_HOST: "127.0.0.1",
      GATEWAY_PORT: String(port),
      IOT_MTLS_ENABLED: "0",
      STATE_DIR: join(dir, "state"),
      S3_DATA_DIR: join(dir, "s3"),
      DOCKER_HOST: podman?.socket ?? "unix:///nonexistent",
      ...(!options.detached && { EMU_ENDS_WITH_PARENT: "1" }),
      ...options.env,
    },
  });
  emulator.unref();
  closeSync(log);
  const url = `http://127.0.0.1:${port}`;
  const running = { url, pid: emulator.pid!, podmanPid: podman?.pid, dir };
  const fault = await faultOf(url, emulator);
  if (fault === null) return { ...running, reset: () => reset(url), stop: () => stopEmulator(running) };
  const lastWords = readFileSync(logFile, "utf8").trim().split("\n").slice(-5).join("\n"); // prettier-ignore
  await stopEmulator(running);
  throw new Error(`the AWS emulator ${fault}:\n${lastWords}`);
}

/** With everything that it started: the workers of Lambdas, the containers of tasks. */
export async function stopEmulator({ pid, podmanPid, dir }: Pick<Emulator, "pid" | "podmanPid" | "dir">): Promise<void> {
  // It takes two seconds to end by itself, and has nothing worth keeping but containers to remove.
  if (podmanPid === undefined) await stopGroup(pid, "SIGKILL");
  else {
    await stopGroup(pid, "SIGTERM");
    await stopGroup(podmanPid, "SIGTERM");
  }
  rmSync(dir, { recursive: true, force: true });
}

/** Nothing else: MiniStack hands its whole environment to every Lambda, and the first node of PATH runs them. */
const bareEnvironment = (dir: string): Record<string, string> => ({
  PATH: `${dirname(process.execPath)}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
  HOME: homedir(),
  LANG: "C.UTF-8",
  TMPDIR: dir,
});

async function startPodman(dir: string, stdio: Stdio): Promise<{ readonly pid: number; readonly socket: string }> {
  const socket = join(dir, "podman.sock");
  const env = { ...bareEnvironment(dir), TMPDIR: tmpdir(), CONTAINERS_CONF: join(import.meta.dirname, "containers.conf") };
  const podman = spawn("podman", ["system", "service", "--time=0", `unix://${socket}`], { stdio, detached: true, env });
  podman.unref();
  const failed = new Promise<never>((_, reject) => podman.once("error", reject));
  for (const until = Date.now() + PODMAN_WITHIN_MS; !existsSync(socket); await Promise.race([pause(20), failed]))
    if (podman.exitCode !== null || Date.now() > until) throw new Error(`podman's service did not start, see ${dir}`);
  return { pid: podman.pid!, socket: `unix://${socket}` };
}

/** Null as soon as it is healthy. */
async function faultOf(url: string, emulator: ChildProcess): Promise<string | null> {
  for (const until = Date.now() + HEALTHY_WITHIN_MS; Date.now() < until; await pause(25)) {
    if (emulator.exitCode !== null) return `did not start at ${url}`;
    if (await isHealthy(url)) return null;
  }
  return "did not get healthy in time";
}

export const isHealthy = (url: string): Promise<boolean> =>
  fetch(`${url}/_ministack/health`, { signal: AbortSignal.timeout(1000) }).then(
    (response) => response.ok,
    () => false,
  );

async function reset(url: string): Promise<void> {
  const { ok, status } = await fetch(`${url}/_ministack/reset`, { method: "POST" });
  if (!ok) throw new Error(`the AWS emulator answered ${status} to a reset`);
}

async function stopGroup(pid: number, first: NodeJS.Signals): Promise<void> {
  signal(-pid, first);
  for (const until = Date.now() + STOPPED_WITHIN_MS; signal(-pid, 0); await pause(10)) if (Date.now() > until) signal(-pid, "SIGKILL");
}

/** False if there is no such process. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

/** The one that is wanted, if one is. */
const freePort = (wanted = 0): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once("error", () => reject(new Error(`port ${wanted} of 127.0.0.1 is taken, choose another`)));
    server.listen(wanted, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
