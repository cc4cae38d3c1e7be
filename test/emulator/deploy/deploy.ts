// The very graph of sst.config.ts, made in the emulator. Once per process, because an evaluation is.
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { evaluateHere } from "../../graph-harness/evaluate-here.ts";
import { textOf, type Evaluation, type GraphResource } from "../../graph-harness/graph.ts";
import { bundled } from "../../graph-harness/handlers.ts";
import { root } from "../../graph-harness/places.ts";
import { imagine } from "../../graph-harness/imagined.ts";
import type { Made } from "../../graph-harness/monitor.ts";
import { clientsOf, type Clients, type Place } from "./clients.ts";
import { compute } from "./compute.ts";
import type { Deployers } from "./deployer.ts";
import { httpApi } from "./http-api.ts";
import { messaging } from "./messaging.ts";
import { notMade } from "./not-made.ts";
import { readState, writeState, type State } from "./state.ts";
import { storage } from "./storage.ts";
import { watching } from "./watching.ts";

const deployers: Deployers = { ...storage, ...messaging, ...compute, ...httpApi, ...watching };

const bundleCache = join(root, ".switchyard-emulator/bundles");

export interface Deployed {
  readonly url: string;
  readonly token: string;
  readonly outputs: Evaluation["outputs"];
  readonly made: readonly Step[];
  readonly notMade: readonly string[];
  readonly ms: Readonly<Record<string, number>>;
}

interface Step {
  readonly type: string;
  readonly name: string;
  readonly what: "made" | "unchanged" | "removed";
  readonly ms: number;
}

/** @throws Error with everything that went wrong */
export async function deploy(stage: string, place: Place): Promise<Deployed> {
  const clients = clientsOf(place);
  const before = await readState(stage, clients);
  const after: State = {};
  const steps: Step[] = [];
  const left = new Set<string>();
  const imagined = imagine(place);
  const make = async (resource: GraphResource): Promise<Made> => {
    if (resource.type in notMade) {
      left.add(resource.type);
      return imagined(resource);
    }
    const begin = performance.now();
    const kept = before[resource.urn];
    const digest = digestOf(resource);
    const what = kept?.digest === digest ? "unchanged" : "made";
    const made = kept && what === "unchanged" ? kept : await put(resource, kept ?? null, clients);
    after[resource.urn] = { type: resource.type, digest, id: made.id, outputs: made.outputs };
    steps.push({ type: resource.type, name: resource.name, what, ms: Math.round(performance.now() - begin) });
    return made;
  };

  const work = mkdtempSync(join(tmpdir(), "switchyard-deploy-"));
  const evaluation = await evaluateHere({ stage, world: place, work, handlers: bundled(bundleCache), make });
  rmSync(work, { recursive: true, force: true });
  const hasFailed = evaluation.errors.length > 0 || evaluation.unhandled.length > 0;
  // What failed half-way is tried anew the next time; what is gone from the graph may be so only because the graph ended early.
  if (!hasFailed) steps.push(...(await removeLeft(before, after, clients)));
  await writeState(stage, hasFailed ? { ...before, ...after } : after, clients);
  if (hasFailed) throw new Error([...evaluation.errors, ...evaluation.unhandled.map((token) => `nobody answers ${token}`)].join("\n"));
  return { ...access(evaluation), made: steps, notMade: [...left], ms: evaluation.ms };
}

async function put({ type, name, inputs }: GraphResource, previous: Made | null, clients: Clients): Promise<Made> {
  const deployer = deployers[type];
  if (!deployer) throw new Error(`${type} (${name}) is made by nothing in test/emulator/deploy, and not-made.ts does not say why`);
  try {
    const { id, outputs } = await deployer.put(inputs as never, clients, { name, previous });
    return { id, outputs: { ...inputs, ...outputs } };
  } catch (error) {
    throw new Error(`${type} ${name}: ${String(error)}`, { cause: error });
  }
}

/** What the graph has no more, and what has another id than before. */
async function removeLeft(before: State, after: State, clients: Clients): Promise<Step[]> {
  const left = Object.entries(before).filter(([urn, { id }]) => after[urn]?.id !== id);
  const removals = left.map(async ([urn, kept]): Promise<Step> => {
    const begin = performance.now();
    await deployers[kept.type]?.remove?.(kept, clients);
    return { type: kept.type, name: urn.split("::").at(-1) ?? urn, what: "removed", ms: Math.round(performance.now() - begin) };
  });
  return Promise.all(removals);
}

/** With the content of files: their paths differ each time. */
function digestOf({ inputs }: GraphResource): string {
  const text = JSON.stringify(inputs, (key, value: unknown) =>
    key === "assetPath" ? createHash("sha256").update(readFileSync(String(value))).digest("hex") : value,
  ); // prettier-ignore
  return createHash("sha256").update(text).digest("hex");
}

function access({ outputs, resources }: Evaluation): Pick<Deployed, "url" | "token" | "outputs"> {
  const token = resources.find(({ name }) => name === "ApiTokenParameter")?.outputs.value;
  return { url: textOf(outputs.url), token: textOf(token), outputs };
}
