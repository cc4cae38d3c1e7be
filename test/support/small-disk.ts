// A disk that is soon full: a file system in memory, which only root may mount.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const LEFT_OUT = "left out on this machine: what happens on a full disk (needs root on Linux to mount a small one)";

function mount(place: string, size: string): boolean {
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", place], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** `size` as mount takes it: 1m. Where none can be mounted the test is left out by name; with CI=true that is an error. */
export async function onSmallDisk(size: string, skip: (why: string) => never, check: (folder: string) => Promise<void>): Promise<void> {
  const place = mkdtempSync(join(tmpdir(), "switchyard-disk-"));
  if (!mount(place, size)) {
    if (process.env.CI === "true") throw new Error(LEFT_OUT);
    console.warn(LEFT_OUT);
    skip(LEFT_OUT);
  }
  try {
    await check(place);
  } finally {
    // Lazy: a check that failed has left files open.
    execFileSync("umount", ["--lazy", place]);
    rmSync(place, { recursive: true, force: true });
  }
}
