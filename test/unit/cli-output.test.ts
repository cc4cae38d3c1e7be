import { expect, test } from "vitest";
import { Screen } from "../../cli/output/screen.ts";
import { table, type Column } from "../../cli/output/table.ts";
import { clean, cleanLog, cut, cutPainted, widthOf } from "../../cli/output/text.ts";
import { ago, elapsed } from "../../cli/output/time.ts";
import { eventText } from "../../cli/output/event-text.ts";
import { jobView } from "../../cli/live/job-view.ts";
import { runView, stepsSeen } from "../../cli/live/run-view.ts";
import type { Job, Run } from "../../cli/shown.ts";

const ID = "job_01M89ARTPYST21BVXTR1EYCXAF";
const screen = (columns: number | null, environment = {}): Screen =>
  new Screen({ write: () => true, ...(columns !== null && { isTTY: true, columns }) }, { NO_COLOR: "1", ...environment });

interface Row {
  readonly id: string;
  readonly name: string;
  readonly age: string;
}
const columns: Column<Row>[] = [
  { title: "ID", of: ({ id }) => id },
  { title: "NAME", of: ({ name }) => name, isFlexible: true },
  { title: "AGE", of: ({ age }) => age, leftOut: 1 },
];
const rows: Row[] = [
  { id: ID, name: "a name that is much longer than any terminal is wide, and goes on", age: "3m ago" },
  { id: "short", name: "", age: "1s ago" },
];

test("a table is no wider than the terminal, whatever its width", () => {
  for (let width = 10; width < 140; width++) {
    for (const line of table(columns, rows, screen(width))) expect(widthOf(line), `${width}: ${line}`).toBeLessThanOrEqual(width);
  }
});

test("names are cut before a column is left out, and ids last of all", () => {
  expect(table(columns, rows, screen(60)).join("\n")).toContain(`${ID}  a name that is`);
  expect(table(columns, rows, screen(60))[0]).toContain("AGE");
  expect(table(columns, rows, screen(42))[0]).not.toContain("AGE");
  expect(table(columns, rows, screen(42))[1]).toContain(ID);
});

test("nothing is cut for a pipe, and each cell has something in it", () => {
  const lines = table(columns, rows, screen(null));
  expect(lines[1]).toBe(`${ID}  ${rows[0]!.name}  3m ago`);
  expect(lines[2]!.split(/\s{2,}/)).toEqual(["short", "-", "1s ago"]);
});

test("COLUMNS rules over the terminal's own width", () => {
  expect(screen(200, { COLUMNS: "72" }).width).toBe(72);
  expect(screen(200, { COLUMNS: "many" }).width).toBe(200);
});

test("wide characters take two cells, marks on letters none", () => {
  expect(widthOf("日本")).toBe(4);
  expect(widthOf("e\u0301")).toBe(1);
  expect(widthOf("🚀 go")).toBe(5);
  expect(cut("日本語の名前", 7)).toBe("日本語…");
  expect(widthOf(cut("日本語の名前", 6))).toBeLessThanOrEqual(6);
});

test("coloured text is cut by what is seen, and its colours are ended", () => {
  const painted = "\u001B[31mfailed\u001B[39m, \u001B[32mcompleted\u001B[39m";
  expect(cutPainted(painted, 80)).toBe(painted);
  expect(cutPainted(painted, 10)).toBe("\u001B[31mfailed\u001B[39m, \u001B[32mc…\u001B[39m");
  for (let width = 1; width < 20; width++) expect(widthOf(cutPainted(painted, width))).toBeLessThanOrEqual(width);
});

test("what users called a thing cannot steer the terminal", () => {
  expect(clean("a\u001B[2Jb\u0007c\nd\u202Ee")).toBe("ab c d e");
  expect(table(columns, [{ id: "1", name: "x\u001B]0;title\u0007y\nz", age: "" }], screen(80)).length).toBe(2);
});

test("a log line keeps its colours on a terminal, but does not move the cursor", () => {
  expect(cleanLog("\u001B[31mred\u001B[0m\u001B[2J\u001B[5Aup\rback", true)).toBe("\u001B[31mred\u001B[0mupback\u001B[0m");
  expect(cleanLog("\u001B[31mred\u001B[0m\ttab", false)).toBe("red\ttab");
});

test("colours need a terminal, NO_COLOR takes them away, FORCE_COLOR brings them back", () => {
  const stream = { write: () => true, isTTY: true };
  expect(new Screen(stream, {}).hasColours).toBe(true);
  expect(new Screen(stream, { NO_COLOR: "1" }).hasColours).toBe(false);
  expect(new Screen({ write: () => true }, {}).hasColours).toBe(false);
  expect(new Screen({ write: () => true }, { FORCE_COLOR: "1" }).hasColours).toBe(true);
  expect(new Screen(stream, { FORCE_COLOR: "0" }).hasColours).toBe(false);
});

test("times are told as people count them", () => {
  const now = Date.parse("2026-01-02T00:00:00Z");
  expect(ago("2026-01-01T23:57:00Z", now)).toBe("3m ago");
  expect(ago("2026-01-02T02:00:00Z", now)).toBe("in 2h");
  expect(ago("2025-12-31T00:00:00Z", now)).toBe("2d ago");
  expect(elapsed({ startedAt: "2026-01-01T23:58:30Z" }, now)).toBe("1m30s");
  expect(elapsed({}, now)).toBe("");
});

test("events are sentences, and unknown ones are told as they are", () => {
  const { paint } = screen(null);
  const error = { code: "process.exit_3", message: "exited with 3", retryable: true };
  expect(eventText({ type: "attempt.failed", data: { attempt: 1, error, willRetry: true } }, paint)).toBe(
    "attempt 1: process.exit_3: exited with 3; will be tried again",
  );
  expect(eventText({ type: "run.failed", data: { counts: { failed: 1, completed: 2 } } }, paint)).toBe("2 completed, 1 failed");
  expect(eventText({ type: "pool.updated", data: { limit: 3 } }, paint)).toBe('{"limit":3}');
  expect(eventText({ type: "job.queued", data: {} }, paint)).toBe("");
});

const job = (more: Partial<Job>): Job => ({
  id: ID, type: "script", state: "running", executor: "process", attempt: 1, maxAttempts: 1, losses: 0, tags: [], priority: 0, name: "render",
  createdAt: "2026-01-01T00:00:00.000Z", startedAt: "2026-01-01T00:00:01.000Z", updatedAt: "2026-01-01T00:00:01.000Z", ...more,
}); // prettier-ignore
const NOW = Date.parse("2026-01-01T00:00:11.000Z");

test("a running job shows its stage and how far it is, within the width", () => {
  const progress = { percent: 50, stage: "frames of a very long film with a long name", details: {}, at: "2026-01-01T00:00:02.000Z" };
  const lines = jobView(job({ progress }), NOW, screen(60));
  expect(lines[0]).toMatch(/render {2}job_\w+ {2}running {2}10s/);
  expect(lines[1]).toMatch(/█+░+ 50 % {2}frames/);
  for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(60);
});

test("a job that waits says why", () => {
  const lines = jobView(
    job({ state: "blocked", stateReason: { code: "waiting_dependencies", message: "It waits for jobs that it depends on." } }),
    NOW,
    screen(80),
  );
  expect(lines[1]).toContain("It waits for jobs");
});

test("a run shows each step with its jobs and their common progress", () => {
  const jobs = new Map(
    [job({ id: "a", state: "completed" }), job({ id: "b", progress: { percent: 50, details: {}, at: "" } })].map((each) => [each.id, each]),
  );
  const run: Run = {
    id: "run_1", workflow: "flights", version: 1, state: "running", counts: { running: 1, completed: 1, blocked: 1 }, createdAt: "2026-01-01T00:00:00.000Z",
    steps: [{ name: "clean", state: "running", jobs: ["a", "b"] }, { name: "load", state: "blocked", jobs: ["c"] }],
  }; // prettier-ignore
  const lines = runView(run, stepsSeen(run, (id) => jobs.get(id)), NOW, screen(90)); // prettier-ignore
  expect(lines[0]).toContain("1/3 jobs");
  expect(lines[1]).toMatch(/running +clean +1\/2 +█+░+ 75 %/);
  expect(lines[2]).toMatch(/blocked +load/);
});
