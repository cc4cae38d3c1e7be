// Values as Pulumi's protocol carries them, as plain JSON: secrets opened, files by their path.
import { resolve } from "node:path";
import type { Values } from "./graph.ts";
import { root } from "./places.ts";
import type { Pulumi } from "./pulumi.ts";

/** Pulumi's own marks of a value that is not what it seems, and of a secret among them. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

/** A file or folder to be uploaded, by its path. */
export interface AssetPath {
  readonly assetPath: string;
}

export interface Plainer {
  readonly plain: (values: unknown) => Promise<Values>;
  readonly secretsOf: (values: Record<string, unknown>) => string[];
}

export function plainer({ sdk }: Pulumi): Plainer {
  const isAsset = (value: object): value is { path: Promise<string | undefined> } =>
    value instanceof sdk.asset.Asset || value instanceof sdk.asset.Archive;
  const plainOf = async (value: unknown): Promise<unknown> => {
    if (value === null || typeof value !== "object") return value;
    if (Array.isArray(value)) return Promise.all(value.map(plainOf));
    if (isSecret(value)) return plainOf(value.value);
    if (isAsset(value)) return { assetPath: resolve(root, (await value.path) ?? "") } satisfies AssetPath;
    const entries = Object.entries(value).filter(([key]) => key !== "__provider");
    return Object.fromEntries(await Promise.all(entries.map(async ([key, inner]) => [key, await plainOf(inner)] as const)));
  };
  return {
    plain: async (values) => ((await plainOf(values)) ?? {}) as Values,
    secretsOf: (values) => Object.keys(values).filter((key) => holdsSecret(values[key])),
  };
}

const isSecret = (value: object): value is { value: unknown } => (value as Record<string, unknown>)[SIGNATURE] === SECRET;

const holdsSecret = (value: unknown): boolean =>
  value !== null && typeof value === "object" && (isSecret(value) || Object.values(value).some(holdsSecret));
