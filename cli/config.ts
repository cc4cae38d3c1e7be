// What the server is told: flags over environment over `switchyard.config.json`.
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { SwitchyardError } from "../shared/domain/errors.ts";

const ConfigFile = z.strictObject({
  $schema: z.string().optional(),
  port: z.int().min(0).max(65_535).optional(),
  host: z.string().optional(),
  dir: z.string().optional(),
  jobs: z.string().optional(),
  secretEnv: z.array(z.string()).optional(),
  allowDirs: z.array(z.string()).optional(),
  inheritEnv: z.array(z.string()).optional(),
  executors: z
    .strictObject({
      node: z.strictObject({ size: z.int().min(1).max(1000) }).optional(),
      process: z.strictObject({ size: z.int().min(1).max(1000) }).optional(),
    })
    .optional(),
});

const FILE = "switchyard.config.json";

export interface ServeOptions {
  readonly port: number;
  readonly host: string;
  readonly dir: string;
  readonly jobs: string;
  readonly secretEnv: readonly string[];
  readonly allowDirs: readonly string[];
  readonly inheritEnv: readonly string[];
  readonly sizes: Readonly<Record<string, number | undefined>>;
}

export interface ServeFlags {
  readonly port?: number | undefined;
  readonly host?: string | undefined;
  readonly dir?: string | undefined;
  readonly jobs?: string | undefined;
  readonly secretEnv?: readonly string[] | undefined;
  readonly allowDir?: readonly string[] | undefined;
}

const DEFAULT_PORT = 7788;

/** @throws SwitchyardError `request.invalid` naming the field of the file */
export function serveOptions(flags: ServeFlags, environment: NodeJS.ProcessEnv, cwd: string): ServeOptions {
  const file = readConfig(join(cwd, FILE));
  return {
    port: flags.port ?? portOf(environment.SWITCHYARD_PORT) ?? file.port ?? DEFAULT_PORT,
    host: flags.host ?? file.host ?? "127.0.0.1",
    dir: flags.dir ?? environment.SWITCHYARD_DIR ?? file.dir ?? ".switchyard",
    jobs: flags.jobs ?? file.jobs ?? "jobs",
    secretEnv: [...(file.secretEnv ?? []), ...(flags.secretEnv ?? [])],
    allowDirs: [...(file.allowDirs ?? []), ...(flags.allowDir ?? [])],
    inheritEnv: file.inheritEnv ?? [],
    sizes: { node: file.executors?.node?.size, process: file.executors?.process?.size },
  };
}

/** @throws SwitchyardError `request.invalid` */
export function portOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw new SwitchyardError("request.invalid", `A port is a number from 0 to 65535, not ${text}.`);
}

function readConfig(path: string): z.infer<typeof ConfigFile> {
  if (!existsSync(path)) return {};
  try {
    return ConfigFile.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch (error) {
    const why = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new SwitchyardError("request.invalid", `${FILE} is not valid: ${why}`, { cause: error });
  }
}
