// Grants turns wherever an executor has room and somebody may be waiting. Runs just before a batch of writes leaves, after
// its settles: what they free is granted in the same transaction.
import type { Executor } from "../ports/executor.ts";
import { executorLane } from "../domain/job.ts";
import type { Turn } from "../ports/store.ts";
import type { LocalContext } from "./context.ts";
import { drive } from "./lifecycle.ts";
import { begin } from "./start.ts";

/** After a refused grant: the store may be there again. */
const RETRY_MS = 1000;

interface Lane {
  readonly executor: Executor;
  readonly lane: string;
  /** A hint: set when somebody comes, cleared when a grant found fewer than it asked for. */
  mayBeWaiting: boolean;
  asked: number;
}

export class Pump {
  readonly #context: LocalContext;
  readonly #lanes: ReadonlyMap<string, Lane>;
  #isOpen = false;

  constructor(context: LocalContext) {
    this.#context = context;
    this.#lanes = new Map(
      context.platform.executors.map((executor) => {
        const lane = executorLane(executor.name);
        return [lane, { executor, lane, mayBeWaiting: true, asked: 0 }];
      }),
    );
    context.store.beforeBatch = () => this.#grant();
  }

  open(): void {
    this.#isOpen = true;
    this.wake([...this.#lanes.keys()]);
  }

  close(): void {
    this.#isOpen = false;
  }

  wake(lanes: readonly string[]): void {
    for (const lane of lanes) {
      const known = this.#lanes.get(lane);
      if (known) known.mayBeWaiting = true;
    }
    if (this.#isOpen && lanes.length > 0) this.#context.store.wake();
  }

  #grant(): void {
    if (!this.#isOpen) return;
    const asks = [...this.#lanes.values()].flatMap((lane) => {
      const max = lane.executor.capacity - this.#context.attempts.held(lane.executor) - lane.asked;
      return lane.mayBeWaiting && max > 0 ? [{ lane, max }] : [];
    });
    if (asks.length > 0) this.#context.attempts.background(this.#take(asks));
  }

  async #take(asks: readonly { readonly lane: Lane; readonly max: number }[]): Promise<void> {
    for (const { lane, max } of asks) {
      lane.asked += max;
      lane.mayBeWaiting = false;
    }
    const turns = await this.#ask(asks);
    const perLane = Map.groupBy(turns ?? [], ({ job }) => executorLane(job.executor));
    for (const { lane, max } of asks) {
      lane.asked -= max;
      const taken = perLane.get(lane.lane) ?? [];
      if (turns === null || taken.length === max) lane.mayBeWaiting = true;
      for (const turn of taken) drive(this.#context, begin(this.#context, turn, lane.executor));
    }
  }

  async #ask(asks: readonly { readonly lane: Lane; readonly max: number }[]): Promise<Turn[] | null> {
    try {
      const lanes = asks.map(({ lane, max }) => ({ lane: lane.lane, max }));
      return await this.#context.store.takeTurns({ lanes, now: this.#context.now(), leaseUntil: null, announce: false });
    } catch {
      setTimeout(() => this.wake(asks.map(({ lane }) => lane.lane)), RETRY_MS).unref();
      return null;
    }
  }
}
