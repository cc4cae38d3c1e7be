// What the machine gives: figures of two machines compare only beside these.
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { record } from "./report.ts";

const SYNCS = 500;
const LOOPS = 20_000;

export function machine(): void {
  const dir = mkdtempSync(join(process.env.FOLDER ?? tmpdir(), "switchyard-bench-"));
  const file = openSync(join(dir, "sync"), "w");
  const page = Buffer.alloc(4096, 1);
  let begin = performance.now();
  for (let index = 0; index < SYNCS; index++) {
    writeSync(file, page);
    fdatasyncSync(file);
  }
  record("the disk: write 4 KB and fdatasync", (performance.now() - begin) / SYNCS, "ms");
  closeSync(file);
  rmSync(dir, { recursive: true });
  begin = performance.now();
  for (let index = 0; index < LOOPS; index++) structuredClone({ index, text: "x".repeat(200), list: [1, 2, 3] });
  record("the processor: clone an object of 200 B", ((performance.now() - begin) / LOOPS) * 1000, "µs");
}
