import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { openTestApi, type Shown, type TestApi } from "../support/api.ts";
import { onSmallDisk } from "../support/small-disk.ts";

const large = { value: "x".repeat(20_000) };
const small = { value: "" };

/** What was accepted before the disk was full. */
async function submitUntilFull(api: TestApi, params: object): Promise<string[]> {
  const accepted: string[] = [];
  for (;;) {
    const response = await api.request("POST", "/v1/jobs", { function: "echo", params, delay: "1h" });
    if (response.status !== 201) {
      expect([response.status, response.headers.get("retry-after")]).toEqual([503, "1"]);
      expect(((await response.json()) as { code: string }).code).toBe("store.unavailable");
      return accepted;
    }
    accepted.push(((await response.json()) as Shown).id);
  }
}

test("a full disk stops accepting with 503, loses nothing, and a job that ended meanwhile is settled once there is room", ({ skip }) =>
  onSmallDisk("24m", skip, async (disk) => {
    const dir = join(disk, "data");
    const api = await openTestApi({ dir });
    const running = await api.call<Shown>("POST", "/v1/jobs", { function: "patient", params: { ms: 1500 } });
    const live = api.local.engine.context.attempts.ofJob(running.id)!;
    const ballast = join(disk, "ballast");
    writeFileSync(ballast, Buffer.alloc(8 * 1024 * 1024));
    const accepted = [...(await submitUntilFull(api, large)), ...(await submitUntilFull(api, small))];
    expect(accepted.length).toBeGreaterThan(10);
    expect((await api.call<{ counts: Record<string, number> }>("GET", "/v1/stats")).counts.delayed).toBe(accepted.length);
    // It ends while there is no room for its end.
    await vi.waitUntil(() => live.isOver, { timeout: 20_000 });
    rmSync(ballast);
    expect(await api.call("GET", `/v1/jobs/${running.id}?wait=60s`)).toMatchObject({ state: "completed", attempt: 1 });
    for (const id of accepted) expect(await api.call("GET", `/v1/jobs/${id}`)).toMatchObject({ state: "delayed" });
    await api.call("POST", "/v1/jobs", { function: "echo" }, 201);
    await api.close();
  }));
