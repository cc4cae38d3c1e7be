// A workflow definition from a file: JSON, YAML, or the default export of a module.
import { extname, resolve } from "node:path";
import { registerHooks } from "node:module";
import { pathToFileURL } from "node:url";
import { isObject, type JsonObject } from "../../shared/domain/json.ts";
import { usage } from "../errors.ts";
import { readDocument } from "../input/document.ts";

const modules = new Set([".ts", ".mts", ".js", ".mjs", ".cjs"]);

/** @throws CliError for what cannot be read or is no definition */
export async function readDefinition(path: string): Promise<JsonObject> {
  const value = modules.has(extname(path)) ? await exportOf(path) : await readDocument(path);
  if (isObject(value) && isObject(value.steps)) return value as JsonObject;
  throw usage(`${path === "-" ? "What stdin gave" : path} is no workflow: it needs \`steps\`, an object of named steps.`);
}

async function exportOf(path: string): Promise<unknown> {
  findOwnPackages();
  let module: { readonly default?: unknown };
  try {
    module = (await import(pathToFileURL(resolve(path)).href)) as typeof module;
  } catch (error) {
    throw usage(`${path} cannot be loaded: ${error instanceof Error ? error.message : String(error)}`);
  }
  const exported = module.default;
  const definition = isObject(exported) && isObject(exported.definition) ? exported.definition : exported;
  if (definition === undefined) throw usage(`${path} has no default export.`, "Export the definition: export default {name, steps: {…}}");
  // As it is sent: without functions and what else JSON does not know.
  return JSON.parse(JSON.stringify(definition)) as unknown;
}

/** `switchyard` and `zod` are found also from a folder outside any package: then they are ours. */
function findOwnPackages(): void {
  registerHooks({
    resolve(specifier, context, next) {
      try {
        return next(specifier, context);
      } catch (error) {
        if (!/^(switchyard|zod)(\/|$)/.test(specifier)) throw error;
        return { url: import.meta.resolve(specifier), shortCircuit: true };
      }
    },
  });
}
