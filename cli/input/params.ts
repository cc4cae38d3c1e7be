// `--param` and `--params`, as jobs and runs take them.
import type { Command } from "commander";
import type { Json } from "../../shared/domain/json.ts";
import { collect } from "../globals.ts";
import { readDocument } from "./document.ts";
import { paramsOf } from "./pairs.ts";

export interface ParamOptions {
  readonly param?: readonly string[];
  readonly params?: string;
}

export const withParams = (command: Command): Command =>
  command
    .option("--param <name=value>", "a param: a string, unless the value is JSON; repeatable", collect)
    .option("--params <file>", "all params from a JSON or YAML file, or - for stdin");

export const readParams = async ({ param = [], params }: ParamOptions): Promise<Json | undefined> =>
  paramsOf(params === undefined ? undefined : await readDocument(params), param);
