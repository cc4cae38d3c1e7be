// What a job's file says of itself is checked before anybody relies on it.
import { z } from "zod";
import { namePattern } from "../../../domain/ids.ts";
import type { JsonObject } from "../../../domain/json.ts";
import { Duration, RetryInput, specLimits } from "../../../domain/spec-schema.ts";
import type { Description } from "./description.ts";
import type { FunctionInfo } from "./info.ts";

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

type Place = Pick<FunctionInfo, "file" | "hash" | "bundle">;

export function infoOf(description: Description, place: Place): { readonly info: FunctionInfo } | { readonly problem: string } {
  if ("problem" in description) return description;
  const said = Said.safeParse(JSON.parse(description.text));
  if (!said.success) {
    return { problem: said.error.issues.map(({ path, message }) => `${path.map(String).join(".")} ${message}`).join("; ") };
  }
  // Fields that are absent have no key: exact optional types, and less to store.
  const { name, ...rest } = said.data;
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined)) as Omit<
    FunctionInfo,
    "name" | keyof Place
  >;
  return { info: { name, ...place, ...given } };
}
