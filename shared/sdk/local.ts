// `switchyard/local`: the engine in one's own process. Also what `switchyard serve` is made of.
import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { LocalArtifacts } from "../adapters/local/artifacts.ts";
import { systemClock } from "../adapters/local/clock.ts";
import { filesOfFolder, holdFolder } from "../adapters/local/data-folder.ts";
import { FunctionExecutor } from "../adapters/local/functions/executor.ts";
import { inlineFunctions, InlineExecutor } from "../adapters/local/functions/inline-executor.ts";
import { FunctionRegistry } from "../adapters/local/functions/registry.ts";
import { LocalLogs } from "../adapters/local/logs.ts";
import { ScriptExecutor } from "../adapters/local/script/executor.ts";
import { environmentSecrets } from "../adapters/local/secrets.ts";
import { IN_MEMORY } from "../adapters/local/sqlite/open.ts";
import { SqliteStore } from "../adapters/local/sqlite/sqlite-store.ts";
import { createApi } from "../api/create-api.ts";
import { tokenAccess } from "../api/security.ts";
import { openEngine, type Engine } from "../engine/engine.ts";
import type { Executor } from "../ports/executor.ts";
import type { Functions } from "../ports/functions.ts";
import type { LocalPlatform } from "../ports/platform.ts";
import { Client } from "./client.ts";
import type { JobDefinition } from "./define-job.ts";

export interface LocalOptions {
  /** The data folder, or `":memory:"`: then nothing outlives the process. */
  readonly dir: string;
  /** A folder of job files, run in threads; or definitions, run on the caller's own thread. */
  readonly jobs?: string | readonly JobDefinition[];
  /** How many run at a time, by the executor's name: `node` and `process`. */
  readonly sizes?: Readonly<Record<string, number | undefined>>;
  /** How many turns are kept ready at most beyond the functions that run; default 48. */
  readonly prefetch?: number;
  /** Names of variables that jobs may refer to as `env:NAME`. */
  readonly secretEnv?: readonly string[];
  /** Folders in which scripts may have an absolute working directory. */
  readonly allowDirs?: readonly string[];
  /** Names of variables of this process that jobs see. */
  readonly inheritEnv?: readonly string[];
  readonly onProblem?: (problem: { readonly file: string; readonly message: string }) => void;
}

export interface Local {
  readonly engine: Engine;
  readonly client: Client;
  /** Null where jobs were given as definitions. */
  readonly registry: FunctionRegistry | null;
  close(): Promise<void>;
}

/** @throws SwitchyardError `store.unavailable` if another process holds the folder, or its database cannot be used. */
export async function openLocal(options: LocalOptions): Promise<Local> {
  const isMemory = options.dir === IN_MEMORY;
  const dir = isMemory ? mkdtempSync(join(tmpdir(), "switchyard-")) : options.dir;
  const letGo = holdFolder(dir);
  try {
    const [store, functions] = await Promise.all([
      SqliteStore.open(isMemory ? IN_MEMORY : filesOfFolder(dir).database),
      functionsOf(options, dir),
    ]);
    const engine = await openEngine(platformOf(options, dir, store, functions));
    return {
      engine,
      registry: functions.registry,
      client: inProcessClient(engine),
      close: async () => {
        await engine.close();
        await functions.registry?.close();
        letGo();
        if (isMemory) rmSync(dir, { recursive: true, force: true });
      },
    };
  } catch (error) {
    letGo();
    throw error;
  }
}

interface LocalFunctions {
  readonly registry: FunctionRegistry | null;
  readonly functions: Functions;
  readonly executor: Executor;
}

async function functionsOf(
  { jobs = [], sizes = {}, inheritEnv = [], prefetch, onProblem }: LocalOptions,
  dir: string,
): Promise<LocalFunctions> {
  if (typeof jobs !== "string") {
    const functions = inlineFunctions(jobs);
    const capacity = sizes.node === undefined ? {} : { capacity: sizes.node };
    return { registry: null, functions, executor: new InlineExecutor({ functions, dataDir: dir, ...capacity }) };
  }
  const registry = await FunctionRegistry.open({
    jobsDir: jobs,
    cacheDir: filesOfFolder(dir).bundles,
    inheritEnv,
    ...(onProblem && { onProblem }),
  });
  const size = { ...(sizes.node !== undefined && { size: sizes.node }), ...(prefetch !== undefined && { prefetchMax: prefetch }) };
  return {
    registry,
    functions: registry,
    executor: new FunctionExecutor({ dataDir: dir, registry, clock: systemClock, inheritEnv, ...size }),
  };
}

const SCRIPTS_AT_LEAST = 4;

function platformOf(options: LocalOptions, dir: string, store: SqliteStore, { functions, executor }: LocalFunctions): LocalPlatform {
  const { sizes = {}, allowDirs = [], inheritEnv = [], secretEnv = [] } = options;
  const size = sizes.process ?? Math.max(SCRIPTS_AT_LEAST, 2 * availableParallelism());
  return {
    store,
    executors: [executor, new ScriptExecutor({ dataDir: dir, size, inheritEnv, allowDirs: [...allowDirs], clock: systemClock })],
    functions,
    logs: new LocalLogs(dir),
    artifacts: new LocalArtifacts(dir),
    clock: systemClock,
    random: Math.random,
    secrets: environmentSecrets(secretEnv, process.env),
  };
}

/** The same calls as over HTTP, without a socket between. */
function inProcessClient(engine: Engine): Client {
  const [token, host] = ["in-process", "localhost"];
  const app = createApi({ context: engine.context, version: "in-process", access: tokenAccess(token, [host]) });
  return new Client({ url: `http://${host}`, token, fetch: (request) => app.fetch(request) });
}
