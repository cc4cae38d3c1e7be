// Real pipes for stdout and stderr. What Node calls pipes are sockets, and on those `echo failed > /dev/stderr` itself fails.
import { execFile, execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Pipe {
  readonly readFd: number;
  readonly writeFd: number;
}

const PIPES_AT_HAND = 16;

/** A named pipe takes a process to make: they are made in dozens, ahead of need, and are without a name by the time they are used. */
export class Pipes {
  readonly #atHand: Pipe[] = [];
  #isFilling = false;

  /** Null = this machine has no `mkfifo`. */
  take(): Pipe | null {
    const pipe = this.#atHand.pop() ?? this.#fillNow();
    if (this.#atHand.length < PIPES_AT_HAND / 4) this.#fillSoon();
    return pipe ?? null;
  }

  #fillNow(): Pipe | undefined {
    try {
      const { folder, names } = newNames();
      execFileSync("mkfifo", names, { stdio: "ignore" });
      this.#open(folder, names);
    } catch {
      return undefined;
    }
    return this.#atHand.pop();
  }

  #fillSoon(): void {
    if (this.#isFilling) return;
    this.#isFilling = true;
    const { folder, names } = newNames();
    execFile("mkfifo", names, (error) => {
      this.#isFilling = false;
      if (error) rmSync(folder, { recursive: true, force: true });
      else this.#open(folder, names);
    });
  }

  #open(folder: string, names: readonly string[]): void {
    try {
      for (const name of names) this.#atHand.push(openPipe(name));
    } catch {
      // Too many open files: what is there will do.
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }
}

function newNames(): { folder: string; names: string[] } {
  const folder = mkdtempSync(join(tmpdir(), "switchyard-pipes-"));
  return { folder, names: Array.from({ length: PIPES_AT_HAND }, (_, index) => join(folder, String(index))) };
}

function openPipe(name: string): Pipe {
  // The reading end first, and without waiting for a writer; then there is a reader to open the writing end for.
  const readFd = openSync(name, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return { readFd, writeFd: openSync(name, constants.O_WRONLY) };
  } catch (error) {
    closeSync(readFd);
    throw error;
  }
}
