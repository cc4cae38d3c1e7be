// Parses with a schema of the job's own copy of zod, in the same turn of the event loop unless the schema needs more.
import type { z } from "zod";

export type Parsed = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly faults: readonly string[] };

const needPromises = new WeakSet<z.ZodType>();

export function parse(schema: z.ZodType, value: unknown): Parsed | Promise<Parsed> {
  if (!needPromises.has(schema)) {
    try {
      return parsed(schema.safeParse(value));
    } catch (error) {
      if ((error as Error | null)?.constructor.name !== "$ZodAsyncError") throw error;
      needPromises.add(schema);
    }
  }
  return schema.safeParseAsync(value).then(parsed);
}

function parsed(answer: z.ZodSafeParseResult<unknown>): Parsed {
  if (answer.success) return { ok: true, value: answer.data };
  return {
    ok: false,
    faults: answer.error.issues.map(({ path, message }) => (path.length === 0 ? message : `${path.map(String).join(".")}: ${message}`)),
  };
}
