import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { defineJob } from "switchyard";
import { z } from "zod";

/** Leaves files of the given texts, and one of many bytes whose hash it answers. Fails until the given attempt. */
export default defineJob({
  name: "writer",
  params: z.object({
    files: z.record(z.string(), z.string()).default({}),
    bytes: z.int().default(0),
    until: z.int().default(1),
  }),
  run: ({ files, bytes, until }, ctx) => {
    for (const [path, text] of Object.entries(files)) writeFileSync(ctx.output(path), text.replaceAll("{attempt}", String(ctx.attempt)));
    if (ctx.attempt < until) throw new Error(`attempt ${ctx.attempt} fails`);
    if (bytes === 0) return {};
    const content = Buffer.from(Uint8Array.from({ length: bytes }, (_, index) => (index * 7919) % 251));
    writeFileSync(ctx.output("large.bin"), content);
    return { sha256: createHash("sha256").update(content).digest("hex") };
  },
});
