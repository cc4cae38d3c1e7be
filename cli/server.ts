// A running server: the engine, its API on a port, and its way to shut down.
import { serve as listen, type ServerType } from "@hono/node-server";
import { readFileSync } from "node:fs";
import { hostname, networkInterfaces } from "node:os";
import { tellHolder, tokenOf } from "../shared/adapters/local/data-folder.ts";
import { createApi } from "../shared/api/create-api.ts";
import { tokenAccess } from "../shared/api/security.ts";
import { SwitchyardError } from "../shared/domain/errors.ts";
import { openLocal, type Local } from "../shared/sdk/local.ts";
import type { ServeOptions } from "./config.ts";

export interface RunningServer {
  readonly url: string;
  readonly token: string;
  readonly local: Local;
  /** Takes no new work, waits for what runs, closes. Answers how many attempts still ran. */
  stop(drainMs: number): Promise<number>;
}

const version = (JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string }).version;

/** @throws SwitchyardError for a folder that is held, a database that is damaged, a port that is taken */
export async function startServer(options: ServeOptions): Promise<RunningServer> {
  const local = await openLocal({
    ...options,
    onProblem: ({ file, message }) => console.error(`switchyard: ${file}: ${message}`),
  });
  const token = process.env.SWITCHYARD_TOKEN ?? tokenOf(options.dir);
  const hosts = namesOf(options.host);
  const app = createApi({ context: local.engine.context, version, access: tokenAccess(token, hosts) });
  try {
    const { server, port } = await listening(app.fetch, options);
    const url = `http://${options.host.includes(":") ? `[${options.host}]` : options.host}:${port}`;
    tellHolder(options.dir, { pid: process.pid, url });
    return { url, token, local, stop: (drainMs) => stop(server, local, drainMs) };
  } catch (error) {
    await local.close();
    throw error;
  }
}

/** The names by which this server may be called; one that listens everywhere may be called by any name of the machine. */
function namesOf(host: string): string[] {
  const isEverywhere = host === "0.0.0.0" || host === "::";
  const addresses = Object.values(networkInterfaces()).flatMap((found) => found ?? []);
  const own = isEverywhere ? [hostname(), ...addresses.map(({ address, family }) => (family === "IPv6" ? `[${address}]` : address))] : [];
  return [...new Set([host, "127.0.0.1", "localhost", "[::1]", ...own])];
}

function listening(
  fetch: (request: Request) => Response | Promise<Response>,
  { port, host }: ServeOptions,
): Promise<{ server: ServerType; port: number }> {
  return new Promise((resolve, reject) => {
    const server = listen({ fetch, port, hostname: host }, (info) => resolve({ server, port: info.port }));
    server.on("error", (error: NodeJS.ErrnoException) => {
      const taken = `Port ${port} of ${host} is taken. Is Switchyard running already? Choose another with --port.`;
      reject(error.code === "EADDRINUSE" ? new SwitchyardError("store.unavailable", taken) : error);
    });
  });
}

async function stop(server: ServerType, local: Local, drainMs: number): Promise<number> {
  const left = await local.engine.drain(drainMs);
  if ("closeAllConnections" in server) server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  await local.close();
  return left;
}
