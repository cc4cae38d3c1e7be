// Params against a JSON Schema: the same check at submit on every platform.
import { Ajv2020, type ErrorObject, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { SwitchyardError, type Fault } from "../domain/errors.ts";
import type { Json, JsonObject } from "../domain/json.ts";

export type ParamsCheck = (schema: JsonObject, params: Json, root: string) => Fault[];

/** Params with the schema's defaults put in, which workflows take over before they plan. */
export const withDefaults = (schema: JsonObject, params: Json): Json => {
  const filled = structuredClone(params);
  compile(new Ajv2020({ strict: false, useDefaults: true, allErrors: true }), schema)(filled);
  return filled;
};

/** Keeps compiled schemas as long as their functions live. */
export function paramsCheck(): ParamsCheck {
  const ajv = new Ajv2020({ strict: false, allErrors: true, ownProperties: true });
  addFormats.default(ajv);
  const compiled = new WeakMap<JsonObject, ValidateFunction>();
  return (schema, params, root) => {
    let check = compiled.get(schema);
    if (!check) compiled.set(schema, (check = compile(ajv, schema)));
    return check(params) ? [] : (check.errors ?? []).slice(0, 20).map((error) => faultOf(error, root));
  };
}

function compile(ajv: Ajv2020, schema: JsonObject): ValidateFunction {
  try {
    return ajv.compile(schema);
  } catch (error) {
    throw new SwitchyardError(
      "workflow.invalid",
      `params is not a JSON Schema: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
}

/** @throws SwitchyardError `workflow.invalid` */
export const checkSchema = (schema: JsonObject): void => void compile(new Ajv2020({ strict: false }), schema);

function faultOf({ instancePath, keyword, params, message }: ErrorObject, root: string): Fault {
  const inside = instancePath
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
  const named: unknown = params.additionalProperty ?? params.missingProperty ?? params.unevaluatedProperty;
  const path = [root, ...inside, ...(typeof named === "string" ? [named] : [])].join(".");
  if (keyword === "additionalProperties" || keyword === "unevaluatedProperties") return { path, message: "is not a known field" };
  if (keyword === "required") return { path, message: "is missing" };
  if (keyword === "enum" && Array.isArray(params.allowedValues))
    return { path, message: `must be one of ${params.allowedValues.join(", ")}` };
  return { path, message: message ?? "is not valid" };
}
