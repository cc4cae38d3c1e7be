// How operations and answers cross to the writer's thread and back. A structured clone writes the name of every field of every
// object: jobs travel as lists of values, facts as text, and answers that say nothing as a number. (Measured: a third of a
// plain job's whole cost.)
import type { DatedFact } from "../../../domain/decision.ts";
import type { JsonText } from "../../../domain/json.ts";
import type { Committed, JobWrite, NewRecord, Submitted, Turn } from "../../../ports/store.ts";
import type { Answer, Operation } from "./group-commit.ts";
import { packJob, unpackJob, type JobValues } from "./job-values.ts";

/** A fact whose data is text already. */
export interface ToldFact {
  readonly type: DatedFact["type"];
  readonly at: number | undefined;
  readonly text: JsonText;
}

type PackedFacts = readonly unknown[];

const packFacts = (facts: readonly DatedFact[]): PackedFacts => facts.flatMap((fact) => [fact.type, fact.at, JSON.stringify(fact.data)]);

function unpackFacts(packed: PackedFacts): ToldFact[] {
  const facts: ToldFact[] = [];
  for (let index = 0; index < packed.length; index += 3) {
    facts.push({ type: packed[index], at: packed[index + 1], text: packed[index + 2] } as ToldFact);
  }
  return facts;
}

/** A write as the writer gets it. */
export type ToldWrite = Omit<JobWrite, "facts"> & { readonly facts: readonly ToldFact[] };
export type ToldRecord = Omit<NewRecord, "facts"> & { readonly facts: readonly ToldFact[] };

/** What is not one of the two frequent operations travels as it is. */
export function packOperation(operation: Operation): unknown {
  if (operation.op === "commit") {
    const { jobs = [], groups } = operation.change;
    const writes = jobs.map(({ job, facts, before, result }) => [packJob(job), packFacts(facts), before.state, before.endReason, result]);
    return { op: "commit", writes, groups };
  }
  if (operation.op === "submitGraph") {
    const { records, group, key } = operation.graph;
    const packed = records.map(({ job, facts, body, dependencies, poolLimit }) => [
      packJob(job),
      packFacts(facts),
      body,
      dependencies,
      poolLimit,
    ]);
    return { op: "submitGraph", records: packed, group, key };
  }
  return operation;
}

export type ToldOperation =
  | {
      readonly op: "commit";
      readonly writes: readonly ToldWrite[];
      readonly groups: Extract<Operation, { op: "commit" }>["change"]["groups"];
    }
  | ({ readonly op: "submitGraph"; readonly records: readonly ToldRecord[] } & Pick<
      Extract<Operation, { op: "submitGraph" }>["graph"],
      "group" | "key"
    >)
  | Exclude<Operation, { op: "commit" | "submitGraph" }>;

export function unpackOperation(packed: unknown): ToldOperation {
  const operation = packed as { op: string; writes: readonly unknown[][]; records: readonly unknown[][] };
  if (operation.op === "commit") {
    const writes = operation.writes.map(([job, facts, state, endReason, result]) => ({
      job: unpackJob(job as JobValues), facts: unpackFacts(facts as PackedFacts), before: { state, endReason }, result,
    })); // prettier-ignore
    return { ...operation, writes } as unknown as ToldOperation;
  }
  if (operation.op === "submitGraph") {
    const records = operation.records.map(([job, facts, body, dependencies, poolLimit]) => ({
      job: unpackJob(job as JobValues), facts: unpackFacts(facts as PackedFacts), body, dependencies, poolLimit,
    })); // prettier-ignore
    return { ...operation, records } as unknown as ToldOperation;
  }
  return packed as ToldOperation;
}

/** A write after which there is nothing to do. */
const NOTHING = 0;
const nothingFollows: Committed = { ok: true, queued: [], ended: [], unreleased: [], idleGroups: [] };

export function packAnswer(operation: ToldOperation, answer: Answer): unknown {
  if ("error" in answer) return answer;
  const { value } = answer;
  if (operation.op === "takeTurns") return (value as Turn[]).map(({ job, spec, params }) => [packJob(job), spec, params]);
  if (operation.op === "submitGraph" && (value as Submitted).ok) return (value as Submitted & { ok: true }).queued;
  return operation.op === "commit" && isPlain(value as Committed) ? NOTHING : answer;
}

const isPlain = (answer: Committed): boolean =>
  answer.ok && answer.queued.length + answer.ended.length + answer.unreleased.length + answer.idleGroups.length === 0;

export function unpackAnswer(operation: Operation, packed: unknown): Answer {
  if (packed === NOTHING) return { value: nothingFollows };
  if (!Array.isArray(packed)) return packed as Answer;
  if (operation.op === "submitGraph") return { value: { ok: true, queued: packed } };
  return { value: (packed as [JobValues, string, string][]).map(([job, spec, params]): Turn => ({ job: unpackJob(job), spec, params })) };
}
