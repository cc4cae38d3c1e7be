// Cycles in a graph of dependencies. Iterative: a chain of 100,000 jobs must not overflow the stack.

/** `parents.get(node)` are the nodes it waits for; names outside the map are taken as ended. */
export type Parents = ReadonlyMap<string, readonly string[]>;

/** The nodes of one cycle in order, the first again at the end; null if there is none. */
export function findCycle(parents: Parents): string[] | null {
  const finished = new Set<string>();
  for (const start of parents.keys()) {
    const cycle = finished.has(start) ? null : cycleFrom(start, parents, finished);
    if (cycle) return cycle;
  }
  return null;
}

interface Visit {
  readonly node: string;
  readonly parents: readonly string[];
  nextParent: number;
}

function cycleFrom(start: string, parents: Parents, finished: Set<string>): string[] | null {
  const visit = (node: string): Visit => ({ node, parents: parents.get(node) ?? [], nextParent: 0 });
  const path = [visit(start)];
  const onPath = new Set([start]);
  while (path.length > 0) {
    const current = path.at(-1)!;
    const parent = current.parents[current.nextParent++];
    if (parent === undefined) {
      path.pop();
      onPath.delete(current.node);
      finished.add(current.node);
    } else if (onPath.has(parent)) {
      const nodes = path.map(({ node }) => node);
      return [...nodes.slice(nodes.indexOf(parent)), parent].toReversed();
    } else if (parents.has(parent) && !finished.has(parent)) {
      path.push(visit(parent));
      onPath.add(parent);
    }
  }
  return null;
}

/** As people read it; a long cycle is shortened in the middle. */
export function describeCycle(cycle: readonly string[]): string {
  const shown = cycle.length > 12 ? [...cycle.slice(0, 6), `… ${cycle.length - 12} more …`, ...cycle.slice(-6)] : cycle;
  return shown.join(" → ");
}
