// Runs run() of sst.config.ts as the sst command would (its pkg/project/run.go, SST's src/auto/run.ts), on our monitor. Once per
// process: SST keeps state of its own, changes the working directory, and has the stage compiled in.
import crypto from "node:crypto";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { loadApp, type App } from "./app.ts";
import { bundleConfig, sstGlobals } from "./bundle.ts";
import { startCliServer } from "./cli-server.ts";
import type { Evaluation, Values } from "./graph.ts";
import type { Handlers } from "./handlers.ts";
import { installMonitor, type Maker, type World } from "./monitor.ts";
import { configFile, platform, root } from "./places.ts";
import { loadPulumi } from "./pulumi.ts";

export interface EvaluateOptions {
  readonly stage: string;
  readonly world: World;
  /** For whatever is written; nothing of `.sst` is touched. */
  readonly work: string;
  readonly handlers: Handlers;
  readonly make: Maker;
}

export async function evaluateHere({ stage, world, work, handlers, make }: EvaluateOptions): Promise<Evaluation> {
  const begin = performance.now();
  const ms: Record<string, number> = {};
  const lap = (name: string) => (ms[name] = Math.round(performance.now() - begin));
  fixNames();
  Object.assign(process.env, { SST_AWS_REGION: world.region, SST_AWS_ACCESS_KEY_ID: "none", SST_AWS_SECRET_ACCESS_KEY: "none" });
  const app = await loadApp(stage, world.region);
  const server = await startCliServer(handlers, world.account);
  const program = await bundleProgram(app, work);
  lap("bundled");
  const pulumi = loadPulumi();
  const seen = installMonitor(pulumi, app, world, make);
  pulumi.sdk.runtime.setAllConfig(configOf(app));
  const errors: unknown[] = [];
  const noteError = (error: unknown) => void errors.push(error);
  process.on("unhandledRejection", noteError);
  process.on("uncaughtException", noteError);
  const { run } = (await import(pathToFileURL(program).href)) as { run: () => Promise<unknown> };
  lap("loaded");
  let outputs: unknown = null;
  pulumi.sdk.runtime.runInPulumiStack(run).then((answer) => (outputs = answer), noteError);
  // Whatever can still happen has happened: nothing else says that all of Pulumi's chains have come to their end.
  await new Promise<void>((ended) => process.once("beforeExit", () => ended()));
  lap("evaluated");
  process.off("unhandledRejection", noteError);
  process.off("uncaughtException", noteError);
  if (outputs === null && errors.length === 0) errors.push(new Error("run() never ended: one of its outputs never came"));
  return {
    app,
    outputs: (outputs ?? {}) as Values,
    resources: seen.resources.toSorted((a, b) => (a.urn < b.urn ? -1 : 1)),
    handlers: server.handlers,
    unhandled: [...seen.unhandled],
    errors: [...new Set(errors.map((error) => (error instanceof Error ? (error.stack ?? error.message) : String(error))))],
    ms,
  };
}

/** SST asks for 8 random bytes to end a physical name with: here the same name has the same end each time. */
function fixNames(): void {
  const { randomBytes } = crypto;
  const fixed = (size: number, ...rest: []) => (size === 8 ? Buffer.alloc(8, 1) : randomBytes(size, ...rest));
  crypto.randomBytes = fixed as typeof randomBytes;
}

const bundleProgram = (app: App, work: string): Promise<string> =>
  bundleConfig(
    {
      code: `import { run as runConfig } from ${JSON.stringify(join(platform, "src/auto/run.ts"))};
             import config from ${JSON.stringify(configFile)};
             export const run = () => runConfig(config.run);`,
      define: {
        $app: JSON.stringify(app),
        $cli: JSON.stringify({
          command: "deploy",
          dev: false,
          paths: { home: join(work, "home"), root, work, platform },
          state: { version: {} },
        }),
        $dev: "false",
      },
      inject: [join(platform, "src/shim/run.js")],
      globals: sstGlobals(),
    },
    "program",
  );

const configOf = ({ providers }: App): Record<string, string> =>
  Object.fromEntries(
    Object.entries(providers).flatMap(([provider, options]) =>
      Object.entries(options).map(
        ([key, value]) => [`${provider}:${key}`, typeof value === "string" ? value : JSON.stringify(value)] as const,
      ),
    ),
  );
