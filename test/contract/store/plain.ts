// Jobs as most are on AWS: an id that we made, and nothing that holds them back, so that their turn is granted with their submission.
import { started, settled } from "../../../shared/domain/attempt.ts";
import { withTurn } from "../../../shared/domain/begin.ts";
import { newId } from "../../../shared/domain/ids.ts";
import type { NewRecord, Store } from "../../../shared/ports/store.ts";
import { aGraph, aRecord, type GivenJob } from "./given.ts";
import { change, submitted } from "./steps.ts";

export const LEASE_MS = 60_000;

export function aPlainRecord(given: GivenJob = {}): NewRecord {
  const now = Date.now();
  const record = aRecord(given.id ?? newId("job"), { functionName: "resize-image", executor: "lambda", createdAt: now, ...given });
  return { ...record, ...withTurn(record, newId("attempt"), now, now + LEASE_MS) };
}

/** Answers its id. */
export async function submitPlain(store: Store, given?: GivenJob): Promise<string> {
  const record = aPlainRecord(given);
  await submitted(store, aGraph([record]));
  return record.job.id;
}

export const startPlain = (store: Store, id: string) =>
  change(store, id, (job) => started(job, "lambda", Date.now(), Date.now() + LEASE_MS));

export const completePlain = (store: Store, id: string, result = "null") =>
  change(store, id, (job) => settled(job, { outcome: { result }, startedAt: Date.now(), now: Date.now(), chance: 0 }), result);
