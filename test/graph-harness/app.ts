// What app() of sst.config.ts answers, completed as the sst command does (its pkg/project/project.go).
import { pathToFileURL } from "node:url";
import { bundleConfig } from "./bundle.ts";
import { configFile } from "./places.ts";

export interface App {
  readonly name: string;
  readonly stage: string;
  readonly removal: string;
  readonly protect: boolean;
  readonly home: string;
  readonly providers: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

interface Told {
  readonly name: string;
  readonly home: string;
  readonly removal?: string;
  readonly protect?: boolean;
  readonly providers?: Readonly<Record<string, string | Record<string, unknown>>>;
}

export async function loadApp(stage: string, region: string): Promise<App> {
  const file = await bundleConfig(
    {
      code: `import config from ${JSON.stringify(configFile)};
             export const app = await config.app({ stage: ${JSON.stringify(stage)} });`,
      define: { $input: JSON.stringify({ stage }) },
      banner: "function $config(input) { return input }",
    },
    "app",
  );
  const { app } = (await import(pathToFileURL(file).href)) as { app: Told };
  const given = Object.entries(app.providers ?? {}).map(([name, options]) => [name, typeof options === "string" ? { version: options } : options] as const); // prettier-ignore
  const { aws = {}, ...others } = Object.fromEntries(given);
  const tags = (aws["defaultTags"] as { tags?: Record<string, string> } | undefined)?.tags;
  return {
    name: app.name,
    stage,
    home: app.home,
    removal: app.removal ?? "retain",
    protect: app.protect ?? false,
    providers: { ...others, aws: { region, ...aws, defaultTags: { tags: { ...tags, "sst:app": app.name, "sst:stage": stage } } } },
  };
}
