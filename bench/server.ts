// A server at rest, in processes of its own: how soon it is ready, what it needs while nothing is to be done.
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as wait } from "node:timers/promises";
import { record } from "./report.ts";

const SETTLE_MS = 3000;
const WATCH_MS = 10_000;
const TICKS_A_SECOND = 100;

export async function serverAtRest(): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "switchyard-bench-"));
  const begin = performance.now();
  const child = spawn(
    process.execPath,
    [join(import.meta.dirname, "../cli/main.mjs"), "serve", "--dir", dir, "--port", "0", "--jobs", join(import.meta.dirname, "jobs")],
    {
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  for await (const line of createInterface({ input: child.stdout })) if (line.includes("serves")) break;
  record("server ready, from nothing", (performance.now() - begin) / 1000, "s", { atMost: 2 });
  await wait(SETTLE_MS);
  if (process.platform === "linux") {
    record(
      "memory at rest, PSS of the whole tree",
      treeOf(child.pid!).reduce((sum, pid) => sum + pssMb(pid), 0),
      "MB",
      { atMost: 150 },
    );
    const before = treeOf(child.pid!).reduce((sum, pid) => sum + ticks(pid), 0);
    await wait(WATCH_MS);
    const used = treeOf(child.pid!).reduce((sum, pid) => sum + ticks(pid), 0) - before;
    record("CPU at rest", (used / TICKS_A_SECOND / (WATCH_MS / 1000)) * 100, "%", { atMost: 1 });
  }
  child.kill("SIGTERM");
  await new Promise((resolve) => child.once("exit", resolve));
  rmSync(dir, { recursive: true, force: true });
}

function treeOf(root: number): number[] {
  const parents = readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => [Number(pid), Number(statOf(pid)?.[1])] as const);
  const tree = [root];
  for (const pid of tree) tree.push(...parents.filter(([, parent]) => parent === pid).map(([child]) => child));
  return tree;
}

/** Fields after the command's name, which may hold anything. */
function statOf(pid: number | string): string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}

const ticks = (pid: number): number => Number(statOf(pid)?.[11] ?? 0) + Number(statOf(pid)?.[12] ?? 0);
const pssMb = (pid: number): number => Number(/^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, "utf8"))?.[1]) / 1024;
