// What a definition says of itself, as text that can be sent and kept.
import type { z } from "zod";
import { isJobDefinition } from "../sdk/define-job.ts";

/** Text = a JSON object with what `defineJob` was given. */
export type Description = { readonly text: string } | { readonly problem: string };

export function descriptionOf(job: unknown): Description {
  if (!isJobDefinition(job)) return { problem: "Its default export is not what defineJob answers." };
  const { name, description, timeout, retry, isolation } = job;
  if (typeof job.run !== "function") return { problem: "It has no run function." };
  if (typeof job.params?.safeParse !== "function") return { problem: "Its params are not a zod schema: `params: z.object({…})`." };
  if (typeof job.params.toJSONSchema !== "function") return { problem: "Its params are a schema of a zod that is too old: update it." };
  try {
    const paramsSchema: unknown = job.params.toJSONSchema({ io: "input" });
    const resultSchema: unknown = job.result?.toJSONSchema({ io: "output", unrepresentable: "any" });
    // As text, so that what cannot be cloned is not sent.
    return { text: JSON.stringify({ name, description, timeout, retry, isolation, paramsSchema, resultSchema }) };
  } catch (error) {
    return { problem: `Its params have no JSON Schema: ${culprit(job.params)}${(error as Error).message}. Times go as z.iso.datetime().` };
  }
}

/** zod does not say where: the path of the first field that has no JSON Schema. */
function culprit(schema: z.ZodType): string {
  const inner = schema as unknown as { shape?: Record<string, z.ZodType>; element?: z.ZodType; unwrap?: () => z.ZodType };
  const fails = (part: z.ZodType): boolean => {
    try {
      part.toJSONSchema({ io: "input" });
      return false;
    } catch {
      return true;
    }
  };
  const path: string[] = [];
  const follow = (part: typeof inner): void => {
    for (const [key, field] of Object.entries(part.shape ?? {})) {
      if (!fails(field)) continue;
      path.push(key);
      return follow(field as unknown as typeof inner);
    }
    const next = part.element ?? part.unwrap?.();
    if (next && next !== (part as unknown) && fails(next)) follow(next as unknown as typeof inner);
  };
  follow(inner);
  return path.length === 0 ? "" : `${path.join(".")}: `;
}
