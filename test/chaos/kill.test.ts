// A server killed with -9 under load: no accepted job is lost, none completes twice, the database stays whole.
import { existsSync, mkdtempSync, rmSync, watch, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, describe, expect, test } from "vitest";
import { filesOfFolder } from "../../shared/adapters/local/data-folder.ts";
import { startServer, type ServerProcess } from "../support/server.ts";

const KILLS = 20;
const JOBS_A_ROUND = 10;

const folders: string[] = [];
const newFolder = (): string => {
  folders.push(mkdtempSync(join(tmpdir(), "switchyard-kill-")));
  return folders.at(-1)!;
};
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Functions, scripts and jobs that wait for the one before: whatever may be lost. Losses must not use up anything. */
const jobOf = (round: number, index: number): object => {
  const id = `r${round}-${index}`;
  const more = { id, retry: { maxAttempts: 1, maxLosses: 1000 }, ...(index % 3 === 2 && { dependencies: [`r${round}-${index - 1}`] }) };
  return index % 5 === 4 ? { ...more, script: { inline: `echo ${id}` } } : { ...more, function: "echo", params: { value: id } };
};

/** Submits one after the other until the server is gone; answers what it acknowledged. */
async function submitUntilKilled(server: ServerProcess, round: number, from: number): Promise<string[]> {
  const accepted: string[] = [];
  for (let index = from; index < JOBS_A_ROUND; index++) {
    try {
      accepted.push((await server.client.call<{ id: string }>("POST", "/v1/jobs", { body: jobOf(round, index) })).id);
    } catch {
      return accepted;
    }
  }
  return accepted;
}

describe("a server that is killed with -9 under load, 20 times", () => {
  test("loses no accepted job, completes none twice, and its database is whole", async () => {
    const dir = newFolder();
    const accepted = new Set<string>();
    for (let round = 0; round < KILLS; round++) {
      const server = await startServer(dir);
      // Half of the round is in before the kill, which then meets the rest at an ever other place.
      const half = Math.floor(JOBS_A_ROUND / 2) + (round % 3);
      for (let index = 0; index < half; index++)
        accepted.add((await server.client.call<{ id: string }>("POST", "/v1/jobs", { body: jobOf(round, index) })).id);
      const rest = submitUntilKilled(server, round, half);
      await server.kill();
      for (const id of await rest) accepted.add(id);
    }
    const server = await startServer(dir);
    const ends = await Promise.all([...accepted].map((id) => server.client.job(id).then((job) => job.wait())));
    expect(accepted.size).toBeGreaterThanOrEqual((KILLS * JOBS_A_ROUND) / 2);
    expect(ends.filter(({ state }) => state !== "completed").map(({ id, state, error }) => [id, state, error])).toEqual([]);
    for (const id of accepted) {
      const { items } = await server.client.call<{ items: { type: string; seq: number }[] }>("GET", `/v1/jobs/${id}/history?limit=200`);
      expect(
        items.filter(({ type }) => type === "job.completed"),
        id,
      ).toHaveLength(1);
      expect(items.map(({ seq }) => seq)).toEqual(items.map((_, index) => index + 1));
    }
    expect(await server.stop()).toBe(0);
    using database = new DatabaseSync(filesOfFolder(dir).database);
    expect(Object.values(database.prepare("PRAGMA integrity_check").get()!)).toEqual(["ok"]);
  });
});

describe("after kill -9 of the server and its whole session", () => {
  test("a running script goes on, and its end is recorded with its exit code as the same attempt", async () => {
    const dir = newFolder();
    const first = await startServer(dir);
    const gate = join(dir, "gate");
    const job = await first.client.submit({
      script: { inline: `echo before; while [ ! -e ${gate} ]; do sleep 0.05; done; echo after; exit 7` },
    });
    await untilRunning(first, job.id);
    await first.kill();
    const second = await startServer(dir);
    expect(await second.client.call("GET", `/v1/jobs/${job.id}`)).toMatchObject({ state: "running", attempt: 1 });
    writeFileSync(gate, "");
    const handle = await second.client.job(job.id);
    expect(await handle.wait()).toMatchObject({ state: "failed", attempt: 1, error: { code: "process.exit_7" } });
    const texts: string[] = [];
    for await (const { text } of handle.logs()) texts.push(text);
    expect(texts).toEqual(["before", "after"]);
    await second.stop();
  });

  test("a script that ended while no server was there is recorded with its exit code", async () => {
    const dir = newFolder();
    const first = await startServer(dir);
    const [gate, done] = [join(dir, "gate"), join(dir, "done")];
    const job = await first.client.submit({
      script: { inline: `while [ ! -e ${gate} ]; do sleep 0.02; done; echo '{"x":1}' > $JOB_RESULT_FILE; touch ${done}` },
    });
    await untilRunning(first, job.id);
    await first.kill();
    const isDone = new Promise<void>((resolve) => {
      const watcher = watch(dir, () => existsSync(done) && (watcher.close(), resolve()));
    });
    writeFileSync(gate, "");
    await isDone;
    const second = await startServer(dir);
    const handle = await second.client.job(job.id);
    expect(await handle.wait()).toMatchObject({ state: "completed", attempt: 1, result: { x: 1 } });
    await second.stop();
  });

  test("a running function is started again as a loss, which does not use up its attempts", async () => {
    const dir = newFolder();
    const first = await startServer(dir);
    const job = await first.client.submit({ function: "patient", params: { ms: 300 }, retry: { maxAttempts: 1 } });
    await untilRunning(first, job.id);
    await first.kill();
    const second = await startServer(dir);
    const handle = await second.client.job(job.id);
    expect(await handle.wait()).toMatchObject({ state: "completed", attempt: 2, losses: 1 });
    const { items } = await second.client.call<{ items: { type: string }[] }>("GET", `/v1/jobs/${job.id}/history`);
    expect(items.map(({ type }) => type)).toEqual([
      "job.created",
      "job.started",
      "job.repaired",
      "attempt.lost",
      "job.queued",
      "job.started",
      "job.completed",
    ]);
    await second.stop();
  });
});

describe("a server that is told to stop", () => {
  test("takes no new work, lets what runs end, and exits with 0", async () => {
    const dir = newFolder();
    const server = await startServer(dir);
    const job = await server.client.submit({ function: "patient", params: { ms: 200 } });
    await untilRunning(server, job.id);
    expect(await server.stop()).toBe(0);
    const next = await startServer(dir);
    expect(await next.client.call("GET", `/v1/jobs/${job.id}`)).toMatchObject({ state: "completed", attempt: 1 });
    await next.stop();
  });

  test("is refused a folder that another one holds, and says which", async () => {
    const dir = newFolder();
    const server = await startServer(dir);
    await expect(startServer(dir)).rejects.toThrow(new RegExp(`held by process ${server.child.pid}, serving ${server.url}`));
    await server.stop();
  });
});

/** Looks again at each of its events, which the server streams. */
async function untilRunning(server: ServerProcess, id: string): Promise<void> {
  const stream = await server.client.request("GET", `/v1/events?follow=1&job=${id}&after=evt_000000000000000`);
  for await (const chunk of stream.body!.pipeThrough(new TextDecoderStream())) if (chunk.includes("job.started")) return;
  throw new Error("the stream ended");
}
