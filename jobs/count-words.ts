import { writeFile } from "node:fs/promises";
import { defineJob } from "switchyard";
import { z } from "zod";

export default defineJob({
  name: "count-words",
  description: "Counts the words of a text; leaves all counts as an artifact",
  params: z.object({ text: z.string(), top: z.int().min(1).max(100).default(3) }),
  result: z.object({ words: z.int(), top: z.array(z.tuple([z.string(), z.int()])) }),
  timeout: "1m",
  async run({ text, top }, ctx) {
    const counts = new Map<string, number>();
    const words = text.toLowerCase().match(/\p{L}+/gu) ?? [];
    for (const [index, word] of words.entries()) {
      counts.set(word, (counts.get(word) ?? 0) + 1);
      ctx.progress((100 * (index + 1)) / words.length, "counting");
    }
    const sorted = [...counts].toSorted(([a, m], [b, n]) => n - m || a.localeCompare(b));
    await writeFile(ctx.output("counts.json"), JSON.stringify(Object.fromEntries(sorted)));
    return { words: words.length, top: sorted.slice(0, top) };
  },
});
