// A file of JSON or YAML, or stdin.
import { readFile } from "node:fs/promises";
import { extname } from "node:path";
import { text } from "node:stream/consumers";
import { parse } from "yaml";
import type { Json } from "../../shared/domain/json.ts";
import { usage } from "../errors.ts";

/** `-` is stdin. @throws CliError for what cannot be read */
export async function readDocument(path: string): Promise<Json> {
  const content = path === "-" ? await text(process.stdin) : await readFile(path, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw usage(`The file ${path} cannot be read: ${error.code === "ENOENT" ? "it is not there" : error.message}.`);
  }); // prettier-ignore
  return parseDocument(content, path);
}

/** Whatever is not called .json is read as YAML, of which JSON is a part. */
export function parseDocument(content: string, path: string): Json {
  const source = content.replace(/^\uFEFF/, "");
  const name = path === "-" ? "What stdin gave" : path;
  if (source.trim() === "") throw usage(`${name} is empty.`);
  try {
    return (extname(path) === ".json" ? JSON.parse(source) : parse(source, { prettyErrors: true })) as Json;
  } catch (error) {
    throw usage(
      `${name} is not ${extname(path) === ".json" ? "JSON" : "JSON or YAML"}: ${error instanceof Error ? error.message.trim() : String(error)}`,
    );
  }
}
