// Runs operations one after the other in one transaction: one fsync for all of them, a savepoint for each.
import type { DatabaseSync } from "node:sqlite";
import { SwitchyardError, type ErrorCode } from "../../../domain/errors.ts";
import type { StoredWorkflow } from "../../../domain/workflow/definition.ts";
import type { Fact } from "../../../../events/catalogue.ts";
import type { Beat, Change, NewGraph, TurnsAsk } from "../../../ports/store.ts";
import { commit, Conflict, evaluateAgain, putWorkflow, release, removeWorkflow, revive, takeTurns, touch } from "./operations.ts";
import { Reads, type Read } from "./reads.ts";
import { prepareStatements, type Statements } from "./statements.ts";
import { submitGraph } from "./submit-graph.ts";
import { sweep } from "./sweep.ts";
import type { ToldOperation } from "./wire.ts";
import { Work } from "./work.ts";

export type Operation =
  | { readonly op: "commit"; readonly change: Change }
  | { readonly op: "submitGraph"; readonly graph: NewGraph }
  | { readonly op: "takeTurns"; readonly ask: TurnsAsk }
  | { readonly op: "release" | "evaluate" | "revive"; readonly job: string; readonly now: number }
  | { readonly op: "touch"; readonly beats: readonly Beat[] }
  | { readonly op: "putWorkflow"; readonly workflow: StoredWorkflow; readonly facts: readonly Fact[] }
  | { readonly op: "removeWorkflow"; readonly name: string; readonly now: number }
  | { readonly op: "sweep"; readonly now: number; readonly max: number }
  | { readonly op: "read"; readonly read: Read };

/** Errors lose their class between threads: they travel as code and text. */
export type Answer = { readonly value: unknown } | { readonly error: string; readonly code: ErrorCode };

export class GroupCommit {
  readonly #database: DatabaseSync;
  readonly #sql: Statements;
  readonly #reads: Reads;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#sql = prepareStatements(database);
    this.#reads = new Reads(database);
  }

  /** The answers may be given away only after this returns: by then the transaction is on the disk. */
  run(operations: readonly ToldOperation[]): Answer[] {
    const counted = new Map<string, number>();
    try {
      this.#sql.begin.run();
      const answers = operations.map((operation) => this.#one(operation, counted));
      for (const [bucket, count] of counted) if (count !== 0) this.#sql.count.run(bucket, count);
      this.#sql.commit.run();
      return answers;
    } catch (error) {
      if (this.#database.isTransaction) this.#sql.rollback.run();
      return operations.map(() => refusal(error));
    }
  }

  #one(operation: ToldOperation, counted: Map<string, number>): Answer {
    this.#sql.savepoint.run();
    try {
      const work = new Work(this.#sql);
      const value = this.#perform(work, operation);
      this.#sql.keepChange.run();
      for (const [bucket, count] of work.counted) counted.set(bucket, (counted.get(bucket) ?? 0) + count);
      return { value };
    } catch (error) {
      // A full disk may have ended the whole transaction: then nothing of the batch is kept.
      if (!this.#database.isTransaction) throw error;
      this.#sql.undoChange.run();
      this.#sql.keepChange.run();
      return error instanceof Conflict ? { value: error.answer } : refusal(error);
    }
  }

  #perform(work: Work, operation: ToldOperation): unknown {
    switch (operation.op) {
      case "commit":
        return commit(work, operation.writes, operation.groups ?? []);
      case "submitGraph":
        return submitGraph(work, operation);
      case "takeTurns":
        return takeTurns(work, operation.ask);
      case "release":
        return release(work, operation.job, operation.now);
      case "evaluate":
        return evaluateAgain(work, operation.job, operation.now);
      case "revive":
        return revive(work, operation.job, operation.now);
      case "touch":
        return touch(work, operation.beats);
      case "putWorkflow":
        return putWorkflow(work, operation.workflow, operation.facts);
      case "removeWorkflow":
        return removeWorkflow(work, operation.name, operation.now);
      case "sweep":
        return sweep(work, this.#database, operation.now, operation.max);
      case "read":
        return this.#reads.perform(operation.read);
    }
  }
}

function refusal(error: unknown): Answer {
  if (error instanceof SwitchyardError) return { error: error.message, code: error.code };
  const why = error instanceof Error ? error.message : String(error);
  return { error: `The store cannot do that now: ${why}. Nothing was written; try again.`, code: "store.unavailable" };
}
