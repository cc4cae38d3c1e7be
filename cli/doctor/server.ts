// What the server says of itself.
import { readFileSync } from "node:fs";
import type { List } from "../../shared/sdk/client.ts";
import type { Call } from "../call.ts";
import { CliError } from "../errors.ts";
import type { Executor } from "../shown.ts";
import { fail, ok, warn, type Check } from "./check.ts";

/** A date header counts whole seconds, and the answer took a moment. */
const CLOCK_OFF_MS = 5000;

const ownVersion = (): string =>
  (JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string }).version;

export async function serverChecks(call: Call): Promise<Check[]> {
  try {
    const asked = Date.now();
    const response = await call.client.request("GET", "/v1/health");
    const date = response.headers.get("date");
    const { status, version } = (await response.json()) as { status: string; version: string };
    return [
      status === "ok"
        ? ok("server", `${call.address.url} answers.`)
        : warn("server", `${call.address.url} is ${status}.`, "It takes no new jobs; start it again."),
      version === ownVersion()
        ? ok("version", version)
        : warn("version", `The server is ${version}, this is ${ownVersion()}.`, "Start the server again after an update."),
      ...(date === null ? [] : [clockCheck(Date.parse(date), asked)]),
      ...(await insideChecks(call)),
    ];
  } catch (error) {
    return [failedCheck("server", error)];
  }
}

export function clockCheck(server: number, here: number): Check {
  const offMs = server - here;
  if (Math.abs(offMs) <= CLOCK_OFF_MS) return ok("clock", "The server's clock and this one agree.");
  return warn(
    "clock",
    `The server's clock is ${Math.round(offMs / 1000)} s off this one.`,
    "Set both by NTP: ages and --since are counted by this one.",
  );
}

async function insideChecks({ client }: Call): Promise<Check[]> {
  try {
    const executors = await client.call<List<Executor>>("GET", "/v1/executors");
    const functions = await client.call<List<unknown>>("GET", "/v1/functions");
    const room = executors.items.map(({ name, running, capacity }) => (capacity === undefined ? name : `${name} ${running}/${capacity}`));
    return [
      ok("access", "The server takes the token."),
      room.length > 0
        ? ok("executors", room.join(", "))
        : fail("executors", "The server has none: no job can run.", "Look at what it printed at its start."),
      ok("functions", `${functions.items.length} in the jobs folder`),
    ];
  } catch (error) {
    return [failedCheck("access", error)];
  }
}

/** @throws the error if it is not the server's answer or silence */
function failedCheck(name: string, error: unknown): Check {
  if (!(error instanceof CliError)) throw error;
  return fail(name, error.message, error.hint ?? "");
}
