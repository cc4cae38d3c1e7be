import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { describeCycle, findCycle } from "../../shared/domain/graph.ts";

const edgeList = fc.array(fc.tuple(fc.nat(30), fc.nat(30)), { maxLength: 80 });

function graphOf(edges: readonly (readonly [number, number])[]): Map<string, string[]> {
  const parents = new Map<string, string[]>();
  for (const [child, parent] of edges) {
    for (const node of [child, parent]) if (!parents.has(String(node))) parents.set(String(node), []);
    parents.get(String(child))!.push(String(parent));
  }
  return parents;
}

describe("a graph of dependencies", () => {
  test("without a cycle is never refused", () => {
    fc.assert(
      fc.property(edgeList, (edges) => {
        expect(findCycle(graphOf(edges.filter(([child, parent]) => parent < child)))).toBeNull();
      }),
    );
  });

  test("with a cycle is always refused, and the cycle that is named is one", () => {
    fc.assert(
      fc.property(edgeList, fc.uniqueArray(fc.nat(30), { minLength: 1, maxLength: 10 }), (edges, ring) => {
        const closed = ring.map((node, index): [number, number] => [node, ring[(index + 1) % ring.length]!]);
        const parents = graphOf([...edges, ...closed]);
        const cycle = findCycle(parents)!;
        expect(cycle[0]).toBe(cycle.at(-1));
        for (let index = 1; index < cycle.length; index++) expect(parents.get(cycle[index]!)).toContain(cycle[index - 1]);
      }),
    );
  });

  test("of a chain of 100,000 jobs is checked without overflowing the stack, and its cycle is told in a few words", () => {
    const chain = new Map(Array.from({ length: 100_000 }, (_, index) => [String(index), index === 0 ? [] : [String(index - 1)]]));
    expect(findCycle(chain)).toBeNull();
    chain.set("0", ["99999"]);
    expect(describeCycle(findCycle(chain)!).length).toBeLessThan(200);
  });
});
