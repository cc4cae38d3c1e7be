import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startServer, type ServerProcess } from "../support/server.ts";

const dir = mkdtempSync(join(tmpdir(), "switchyard-dev-"));
const jobs = mkdtempSync(join(tmpdir(), "switchyard-dev-jobs-"));
const write = (answer: number): void =>
  writeFileSync(
    join(jobs, "tell.ts"),
    `import { defineJob } from "switchyard"; import { z } from "zod"; export default defineJob({ name: "tell", params: z.object({}), run: () => ${answer} });`,
  );

let server: ServerProcess;
beforeAll(async () => {
  write(1);
  server = await startServer(dir, [], jobs, "dev");
});
afterAll(async () => {
  await server.stop();
  for (const folder of [dir, jobs]) rmSync(folder, { recursive: true, force: true });
});

test("switchyard dev loads a function again when its file has changed", async () => {
  expect(await (await server.client.submit({ function: "tell" })).getResult()).toBe(1);
  const told = once(createInterface({ input: server.child.stdout! }), "line");
  write(2);
  expect(String(await told)).toContain("tell");
  expect(await (await server.client.submit({ function: "tell" })).getResult()).toBe(2);
});
