// What happens to a database file when the world around it breaks.
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { DatabaseSync } from "node:sqlite";
import { afterAll, expect, test } from "vitest";
import { SqliteStore } from "../../shared/adapters/local/sqlite/sqlite-store.ts";
import { aGraph, aRecord, numbered } from "./store/given.ts";
import { eventsOf } from "./store/promise.ts";
import { complete, ended, stateOf, submit, submitted, take } from "./store/steps.ts";
import { onSmallDisk } from "../support/small-disk.ts";

const folder = mkdtempSync(join(tmpdir(), "switchyard-faults-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const fileNamed = (name: string): string => join(folder, `${name}.db`);

async function givenDatabase(name: string, jobs = 50): Promise<string> {
  const file = fileNamed(name);
  const store = await SqliteStore.open(file);
  await submitted(store, aGraph(numbered("j", jobs).map((id) => aRecord(id, { params: JSON.stringify("x".repeat(2000)) }))));
  await store.close();
  return file;
}

async function expectRefused(file: string, message: RegExp): Promise<void> {
  const before = readFileSync(file);
  await expect(SqliteStore.open(file)).rejects.toMatchObject({
    name: "SwitchyardError",
    code: "store.unavailable",
    message: expect.stringMatching(message) as string,
  });
  expect(readFileSync(file).equals(before)).toBe(true);
}

test("a file that is no database is refused and left as it was", async () => {
  const file = fileNamed("garbage");
  writeFileSync(file, "not a database ".repeat(1000));
  await expectRefused(file, /garbage\.db is damaged.*left as it is/);
});

test("a database that was cut off is refused and left as it was", async () => {
  const file = await givenDatabase("cut");
  truncateSync(file, Math.floor(readFileSync(file).length / 2));
  await expectRefused(file, /cut\.db is damaged/);
});

test("a database with a page of garbage is refused and left as it was", async () => {
  const file = await givenDatabase("hole");
  const bytes = readFileSync(file);
  bytes.fill(0xee, 4096, 5 * 4096);
  writeFileSync(file, bytes);
  await expectRefused(file, /hole\.db is damaged/);
});

test("a database of a newer version is refused and left as it was", async () => {
  const file = await givenDatabase("newer");
  const database = new DatabaseSync(file);
  database.exec("PRAGMA user_version = 999");
  database.close();
  await expectRefused(file, /schema 999, written by a newer Switchyard/);
});

test("somebody else's database is refused and left as it was", async () => {
  const file = fileNamed("foreign");
  const database = new DatabaseSync(file);
  database.exec("CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT)");
  database.close();
  await expectRefused(file, /foreign\.db is not Switchyard's/);
});

test("what was written is there after closing and opening again", async () => {
  const file = fileNamed("again");
  const first = await SqliteStore.open(file);
  await ended(first, "a", "completed");
  await first.close();
  await expect(first.job("a")).rejects.toMatchObject({ code: "store.unavailable" });
  await expect(first.submitGraph(aGraph([aRecord("b")]))).rejects.toMatchObject({ code: "store.unavailable" });
  const second = await SqliteStore.open(file);
  expect(await stateOf(second, "a")).toBe("completed");
  await second.close();
});

test("no acknowledged job is lost when the process is killed, whatever it was doing", async () => {
  const file = fileNamed("killed");
  for (const acknowledgements of [1, 200, 900]) {
    const said = await linesUntilKilled(file, acknowledgements);
    const store = await SqliteStore.open(file);
    for (const line of said) {
      const [what, id] = line.split(" ") as [string, string];
      const view = await store.job(id);
      expect(view, line).not.toBeNull();
      if (what === "completed") expect(view).toMatchObject({ job: { state: "completed" }, result: "1" });
      const events = await eventsOf(store, id);
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
    }
    await store.close();
    rmSync(file);
  }
});

async function linesUntilKilled(file: string, count: number): Promise<string[]> {
  const child = spawn(process.execPath, [join(import.meta.dirname, "store/submit-until-killed.ts"), file], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const lines: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    lines.push(line);
    if (lines.length === count) child.kill("SIGKILL");
  }
  expect(lines.length).toBeGreaterThanOrEqual(count);
  return lines;
}

test("a full disk refuses writes, keeps what is there, and works again once there is room", ({ skip }) =>
  onSmallDisk("1m", skip, expectToSurviveFullDisk));

async function expectToSurviveFullDisk(disk: string): Promise<void> {
  const file = join(disk, "switchyard.db");
  const store = await SqliteStore.open(file);
  await submit(store, "early");
  await take(store);
  const ballast = (bytes: number) => writeFileSync(join(disk, "ballast"), Buffer.alloc(bytes));
  ballast(300 * 1024);
  const accepted: string[] = [];
  const refusal = await submitUntilRefused(store, accepted);
  expect(refusal).toMatchObject({ name: "SwitchyardError", code: "store.unavailable" });
  expect(await stateOf(store, "early")).toBe("starting");
  for (const id of accepted) expect(await stateOf(store, id)).toBe("queued");
  expect(await store.job(`j-${accepted.length}`)).toBeNull();

  ballast(0);
  await complete(store, "early");
  await submit(store, "late");
  await store.close();
  const again = await SqliteStore.open(file);
  expect([await stateOf(again, "early"), await stateOf(again, "late")]).toEqual(["completed", "queued"]);
  await again.close();
}

async function submitUntilRefused(store: SqliteStore, accepted: string[]): Promise<unknown> {
  for (let n = 0; n < 500; n++) {
    try {
      await submit(store, `j-${n}`, { params: JSON.stringify("x".repeat(20_000)) });
      accepted.push(`j-${n}`);
    } catch (error) {
      return error;
    }
  }
  return null;
}
