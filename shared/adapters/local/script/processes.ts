// Processes by Linux's /proc: a number alone does not say which process it is, and a group is not all that a script may start.
import { readdirSync, readFileSync } from "node:fs";
import { setImmediate as turn, setTimeout as wait } from "node:timers/promises";
import { ATTEMPT_TAG } from "../../../attempt/environment.ts";

export interface ProcessId {
  readonly pid: number;
  /** In ticks since the machine booted; numbers of processes are used again. 0 where there is no /proc. */
  readonly startTime: number;
}

const hasProc = process.platform === "linux";
const SWEEP_MS_MAX = 10_000;
/** A look at this many processes takes about a millisecond. */
const LOOKS_PER_TURN = 50;

/** Null = there is no such process, or all that is left of it is its exit code. */
export function startTimeOf(pid: number): number | null {
  if (!hasProc) return signal(pid, 0) ? 0 : null;
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    // The name in brackets may hold anything, brackets too. After it: state, …, and the start time as the 20th.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    return fields[0] === "Z" || fields[0] === "X" ? null : Number(fields[19]);
  } catch {
    return null;
  }
}

export const isAlive = ({ pid, startTime }: ProcessId): boolean => startTimeOf(pid) === startTime;

/**
 * Signals the group that the process leads or led. Its number is not given to another process while one of the group lives, so
 * it is ours unless a different process has it now.
 */
export function signalGroup(leader: ProcessId, name: NodeJS.Signals): void {
  const startTime = startTimeOf(leader.pid);
  if (startTime === null || startTime === leader.startTime) signal(-leader.pid, name);
}

function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

/** Forks since the machine booted, in all its containers. */
export function forksSinceBoot(): number {
  try {
    return Number(/^processes (\d+)/m.exec(readFileSync("/proc/stat", "latin1"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

/**
 * Kills every process that carries the attempt's tag in its environment, in whichever group or session it hides. True = none is
 * left. With `since` only processes younger than the script are looked at.
 */
export async function sweep(attemptId: string, since: (ProcessId & { readonly forks: number }) | null): Promise<boolean> {
  if (!hasProc) return true;
  const giveUpAt = performance.now() + SWEEP_MS_MAX;
  for (let pauseMs = 1; ; pauseMs = Math.min(200, pauseMs * 2)) {
    // With too many files open nothing can be read for now: as good as found.
    if ((await killTagged(attemptId, since).catch(() => 1)) === 0) return true;
    if (performance.now() > giveUpAt) return false;
    // The killed ones may have had children in the meantime: until a look finds none.
    await wait(pauseMs);
  }
}

/** Numbers grow with every fork until they start over; with so few forks since then they have not. */
function oldestPid(since: (ProcessId & { readonly forks: number }) | null): number {
  if (since === null || since.forks === 0) return 0;
  const pidMax = Number(readFileSync("/proc/sys/kernel/pid_max", "latin1"));
  return since.pid + (forksSinceBoot() - since.forks) < pidMax ? since.pid : 0;
}

async function killTagged(attemptId: string, since: (ProcessId & { readonly forks: number }) | null): Promise<number> {
  const oldest = oldestPid(since);
  const tag = Buffer.from(`${ATTEMPT_TAG}=${attemptId}\0`);
  const pids = readdirSync("/proc").map(Number).filter((pid) => pid >= oldest && pid !== process.pid); // prettier-ignore
  let found = 0;
  for (const [index, pid] of pids.entries()) {
    if (index % LOOKS_PER_TURN === LOOKS_PER_TURN - 1) await turn();
    if (carries(pid, tag) && signal(pid, "SIGKILL")) found++;
  }
  return found;
}

function carries(pid: number, tag: Buffer): boolean {
  try {
    const environment = readFileSync(`/proc/${pid}/environ`);
    const at = environment.indexOf(tag);
    return at === 0 || (at > 0 && environment[at - 1] === 0);
  } catch {
    // Gone, or another user's.
    return false;
  }
}
