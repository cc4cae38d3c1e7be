import { describe, expect, expectTypeOf, test } from "vitest";
import { z } from "zod";
import { checkWorkflow } from "../../shared/domain/workflow/check.ts";
import { definitionOf, WorkflowInput } from "../../shared/domain/workflow/definition.ts";
import { defineJob, defineWorkflow } from "../../shared/sdk/index.ts";

const read = defineJob({
  name: "read",
  params: z.object({ year: z.int() }),
  run: async ({ year }) => ({ rows: [{ origin: "ATL", delay: year }], count: 1 }),
});
const count = defineJob({
  name: "count",
  params: z.object({ origin: z.string(), rows: z.array(z.object({ origin: z.string(), delay: z.number() })) }),
  run: () => 7,
});
const report = defineJob({
  name: "report",
  params: z.object({ counts: z.array(z.object({ matrix: z.object({ origin: z.string() }), result: z.number() })) }),
  run: () => "done",
});

const flights = defineWorkflow({
  name: "flights",
  params: z.object({ year: z.int().default(2001) }),
  steps: ({ params, step, matrix, script }) => {
    const all = step(read, { params: { year: params.year } });
    const each = matrix(count, { origin: ["ATL", "ORD"] }, { params: (one) => ({ origin: one.origin, rows: all.result.rows }) });
    const told = script<{ note: string }>({ inline: "echo hi" }, { after: [{ step: each, pass: "none" }] });
    return { all, each, told, end: step(report, { params: { counts: each.result }, after: [told] }) };
  },
  final: "end",
});

describe("a workflow in TypeScript", () => {
  test("writes references where results are used, and waits for the steps that they come from", () => {
    expect(flights.definition.steps).toEqual({
      all: { function: "read", params: { year: { $from: "params.year" } } },
      each: {
        function: "count", matrix: { origin: ["ATL", "ORD"] }, after: ["all"],
        params: { origin: { $from: "matrix.origin" }, rows: { $from: "steps.all.result.rows" } },
      },
      told: { script: { inline: "echo hi" }, after: [{ step: "each", pass: "none" }] },
      end: { function: "report", params: { counts: { $from: "steps.each.result" } }, after: [{ step: "told" }, "each"] },
    }); // prettier-ignore
  });

  test("is a definition that the server takes", () => {
    expect(checkWorkflow(definitionOf(WorkflowInput.parse(flights.definition)))).toEqual([]);
  });

  test("types each step's result in the next step's params, and in what execute answers", () => {
    type Results = Awaited<ReturnType<typeof flights.execute>>;
    expectTypeOf<Results["all"]["count"]>().toEqualTypeOf<number>();
    expectTypeOf<Results["told"]>().toEqualTypeOf<{ note: string }>();
    expectTypeOf<Results["end"]>().toEqualTypeOf<string>();
    defineWorkflow({
      name: "wrong",
      steps: ({ step }) => {
        const all = step(read, { params: { year: 1 } });
        // @ts-expect-error a list of rows is no year
        return { all, again: step(read, { params: { year: all.result.rows } }) };
      },
    });
  });
});
