import { defineJob } from "switchyard";
import { z } from "zod";

/** Says how deep it stands in its graph, by what its dependencies said: only in their order can the numbers be right. */
export default defineJob({
  name: "depth",
  params: z.object({}),
  run: (_params, { inputs }) => {
    const parents = Object.values(inputs) as { depth: number }[];
    return { depth: 1 + parents.reduce((deepest, { depth }) => Math.max(deepest, depth), 0), parents: parents.length };
  },
});
