// A store whose lists are one look behind: after a write, a question is first answered as it was answered before it, and with
// nothing if it was never asked. Pages behind a cursor that was not asked for yet are as fresh as they may be.
import type { Page, Store } from "../../../shared/ports/store.ts";

const writes: ReadonlySet<string | symbol> = new Set([
  "commit", "submitGraph", "takeTurns", "release", "evaluate", "revive", "touch", "putWorkflow", "removeWorkflow", "sweep",
]); // prettier-ignore

export function laggingLists(store: Store): Store {
  const seen = new Map<string, { readonly answer: unknown; readonly atWrite: number }>();
  let written = 0;

  const late = async <T>(question: readonly unknown[], first: T, ask: () => Promise<T>): Promise<T> => {
    const key = JSON.stringify(question);
    const before = seen.get(key);
    const atWrite = written;
    const answer = await ask();
    seen.set(key, { answer, atWrite });
    if (!before) return isBehindCursor(question[1]) ? answer : first;
    return before.atWrite === atWrite ? answer : (before.answer as T);
  };

  const empty: Page<never> = { items: [] };
  const lists: Partial<Store> = {
    jobs: (query) => late(["jobs", query], empty, () => store.jobs(query)),
    groups: (query) => late(["groups", query], empty, () => store.groups(query)),
    counts: () => late(["counts"], {}, () => store.counts()),
    // A job's own history is strong.
    events: (ask) => (ask.job === undefined ? late(["events", ask], empty, () => store.events(ask)) : store.events(ask)),
  };
  return new Proxy(store, {
    get: (target, name) => {
      if (writes.has(name)) written++;
      const value: unknown = lists[name as keyof Store] ?? Reflect.get(target, name);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

const isBehindCursor = (query: unknown): boolean =>
  typeof query === "object" && query !== null && "after" in query && query.after !== undefined;
