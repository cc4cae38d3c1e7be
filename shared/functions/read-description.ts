// What a job's file says of itself is checked before anybody relies on it.
import { z } from "zod";
import { namePattern } from "../domain/ids.ts";
import type { JsonObject } from "../domain/json.ts";
import type { FunctionInfo } from "../ports/functions.ts";
import { Duration, RetryInput, specLimits } from "../domain/spec-schema.ts";
import type { Description } from "./description.ts";

const schemaObject = z.custom<JsonObject>((value) => typeof value === "object" && value !== null);

const Said = z.object({
  name: z.string().regex(namePattern, { error: "must be a letter, then at most 63 letters, digits, . _ or -" }),
  description: z.string().max(specLimits.descriptionChars).optional(),
  timeout: Duration.optional(),
  retry: RetryInput.optional(),
  isolation: z.enum(["thread", "process", "inline"]).default("thread"),
  paramsSchema: schemaObject,
  resultSchema: schemaObject.optional(),
});

/** Fields that are absent have no key: less to store, and easy to compare. */
export function infoOf(description: Description): { readonly info: FunctionInfo } | { readonly problem: string } {
  if ("problem" in description) return description;
  const said = Said.safeParse(JSON.parse(description.text));
  if (said.success) return { info: JSON.parse(JSON.stringify(said.data)) as FunctionInfo };
  return { problem: said.error.issues.map(({ path, message }) => `${path.map(String).join(".")} ${message}`).join("; ") };
}
