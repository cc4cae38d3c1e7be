// A server in a process of its own, to be killed.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Client } from "../../shared/sdk/client.ts";
import { tokenOf } from "../../shared/adapters/local/data-folder.ts";
import { jobsDir } from "./api.ts";

export interface ServerProcess {
  readonly child: ChildProcess;
  readonly url: string;
  readonly client: Client;
  /** Everything that it has printed. */
  readonly output: string[];
  /** SIGKILL to its whole session: nothing of it is left but what lives in a session of its own. */
  kill(): Promise<void>;
  /** SIGTERM; answers the exit code. */
  stop(): Promise<number | null>;
}

const cli = join(import.meta.dirname, "../../cli/main.mjs");

/** Resolves when it is ready. `detached` gives it a session of its own. In the folder `cwd` its configuration may lie. */
export async function startServer(
  dir: string,
  args: readonly string[] = [],
  jobs = jobsDir,
  command: "serve" | "dev" = "serve",
  cwd = process.cwd(),
): Promise<ServerProcess> {
  const child = spawn(process.execPath, [cli, command, "--dir", dir, "--port", "0", "--jobs", jobs, ...args], {
    cwd,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output: string[] = [];
  const ended = once(child, "exit");
  const url = await new Promise<string>((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on("line", (line) => {
        output.push(line);
        const found = /serves (http:\S+)/.exec(line)?.[1];
        if (found) resolve(found);
      });
    }
    void ended.then(() => reject(new Error(`the server ended: ${output.join("\n")}`)));
  });
  return {
    child,
    url,
    output,
    client: new Client({ url, token: tokenOf(dir) }),
    kill: async () => {
      process.kill(-child.pid!, "SIGKILL");
      await ended;
    },
    stop: async () => {
      child.kill("SIGTERM");
      const [code] = (await ended) as [number | null];
      return code;
    },
  };
}
