import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Json } from "../../shared/domain/json.ts";
import { referencesIn, resolve, type Scope } from "../../shared/domain/workflow/references.ts";

const scope: Scope = {
  params: { region: "eu", limit: 5, "odd key.": { "}": "brace" }, nothing: null },
  steps: { extract: { rows: [{ id: 7 }, { id: 8 }] }, failed: undefined },
  matrix: { year: 2026 },
};
const valueOf = (json: Json) => {
  const resolved = resolve(json, scope);
  return resolved.ok ? resolved.value : `missing ${resolved.missing}`;
};
const from = (path: string) => valueOf({ $from: path });
const text = (template: string) => valueOf({ $text: template });

describe("$from", () => {
  test("takes values of params, of the matrix and of the results of steps, by keys and indexes", () => {
    expect(from("params.region")).toBe("eu");
    expect(from("params")).toEqual(scope.params);
    expect(from("matrix.year")).toBe(2026);
    expect(from("steps.extract.result")).toEqual({ rows: [{ id: 7 }, { id: 8 }] });
    expect(from("steps.extract.result.rows.1.id")).toBe(8);
    expect(from("steps.extract.result.rows[0].id")).toBe(7);
    expect(from('steps["extract"].result["rows"][0]["id"]')).toBe(7);
    expect(from('params["odd key."]["}"]')).toBe("brace");
    expect(from("params.nothing")).toBeNull();
  });

  test("stands anywhere in a value, and the rest stays as it is", () => {
    expect(valueOf({ a: [1, { b: { $from: "params.limit" } }], c: "{params.region}" })).toEqual({ a: [1, { b: 5 }], c: "{params.region}" });
  });

  test("a path that is not there is named, unless there is a default", () => {
    expect(from("params.regoin")).toBe("missing params.regoin");
    expect(from("steps.failed.result")).toBe("missing steps.failed.result");
    expect(from("steps.extract.result.rows.2")).toBe("missing steps.extract.result.rows.2");
    expect(valueOf({ $from: "params.regoin", default: null })).toBeNull();
    expect(valueOf({ $from: "params.region", default: "us" })).toBe("eu");
    expect(valueOf({ $from: "params.a", default: { $from: "params.b", default: { $from: "params.limit" } } })).toBe(5);
  });

  test.each(["params.__proto__", "params.constructor", "params.toString.name", "steps.constructor.result", "steps.__proto__.result",
    "matrix.hasOwnProperty", "steps.extract.result.rows.length", "params.region.length", "params.region.0"])("%s is no data", (path) => {
    expect(from(path)).toBe(`missing ${path}`);
  }); // prettier-ignore

  test("what is put in is data: references in it are not followed", () => {
    const trap = { $from: "params.secret" };
    expect(resolve({ $from: "params.user" }, { params: { user: trap, secret: 1 }, steps: {}, matrix: null })).toEqual({
      ok: true,
      value: trap,
    });
  });

  test("a key called __proto__ stays a key", () => {
    const value = JSON.parse('{"__proto__": {"$from": "params.limit"}}') as Json;
    expect(JSON.stringify(valueOf(value))).toBe('{"__proto__":5}');
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
  });
});

describe("$text", () => {
  test("fills its placeholders; what is not a string is put in as JSON", () => {
    expect(text("s3://b/{params.region}/{matrix.year}.csv")).toBe("s3://b/eu/2026.csv");
    expect(text("{steps.extract.result.rows}")).toBe('[{"id":7},{"id":8}]');
    expect(text('{params["odd key."]["}"]}!')).toBe("brace!");
    expect(text("")).toBe("");
  });

  test("doubled braces are braces", () => {
    expect(text("{{params.region}} {{{params.region}}}")).toBe("{params.region} {eu}");
  });

  test("a missing value fails, there is no empty text for it", () => {
    expect(text("a {params.nowhere} b")).toBe("missing params.nowhere");
  });
});

describe("referencesIn", () => {
  test("finds every reference with its place, those in defaults too", () => {
    const found = referencesIn({
      a: [0, { $from: "params.x", default: { $from: "matrix.y" } }],
      b: { $text: "{params.p}-{steps.s.result[0]}" },
    });
    expect(found.map(({ path, segments, hasDefault, at, problem }) => [at, path, segments.join("/"), hasDefault, problem])).toEqual([
      ["a.1", "params.x", "params/x", true, null],
      ["a.1.default", "matrix.y", "matrix/y", false, null],
      ["b", "params.p", "params/p", false, null],
      ["b", "steps.s.result[0]", "steps/s/result/0", false, null],
    ]);
    expect(referencesIn({ $from: "params" })[0]!.at).toBe("");
  });

  test.each([
    [{ $from: "" }, "must begin with steps, params or matrix"],
    [{ $from: "param.x" }, "must begin with steps, params or matrix"],
    [{ $from: "steps.a" }, "must go on as steps.<step>.result"],
    [{ $from: "steps.a.results.x" }, "must go on as steps.<step>.result"],
    [{ $from: "matrix" }, "needs an axis"],
    [{ $from: "params.a b" }, "cannot be read"],
    [{ $from: "params..a" }, "cannot be read"],
    [{ $from: "params[x]" }, "cannot be read"],
    [{ $from: "params.x", defualt: 1 }, "is not a reference"],
    [{ $from: 5 }, "is not a reference"],
    [{ $text: "x", default: 1 }, "is not a template"],
    [{ $text: "{params.x" }, "is not closed"],
    [{ $text: "{}" }, "must begin with"],
    [{ $text: "a } b" }, "without a {"],
  ] as [Json, string][])("%j is no reference that could be read", (json, problem) => {
    expect(referencesIn(json)[0]!.problem).toContain(problem);
  });

  test("a long text with very many placeholders, or brackets that never close, is read in good time", () => {
    expect(referencesIn({ $text: "{params.x}".repeat(200_000) })).toHaveLength(200_000);
    expect(referencesIn({ $from: `params${'["a'.repeat(500_000)}` })[0]!.problem).toContain("cannot be read");
  });
});

const anyReference = fc.oneof(
  fc.record({ $from: fc.oneof(fc.string(), fc.constantFrom("params.a", "steps.s.result", "matrix.m", "params.__proto__")) }),
  fc.record({ $from: fc.string(), default: fc.jsonValue() as fc.Arbitrary<Json> }),
  fc.record({ $text: fc.oneof(fc.string(), fc.constantFrom("{params.a}", "{{{params.b}}}", "{", "}}")) }),
);
const anyJson = fc.letrec<{ json: Json }>((tie) => ({
  json: fc.oneof({ maxDepth: 4 }, fc.jsonValue() as fc.Arbitrary<Json>, anyReference, fc.array(tie("json")), fc.dictionary(fc.string(), tie("json"))),
})).json; // prettier-ignore

test("whatever is given, finding and resolving references never throws", () => {
  fc.assert(
    fc.property(anyJson, anyJson, (json, params) => {
      referencesIn(json);
      const resolved = resolve(json, { params, steps: { s: params }, matrix: { m: params } });
      expect(typeof resolved.ok).toBe("boolean");
    }),
  );
});

test("a value without references is itself", () => {
  fc.assert(
    fc.property(fc.jsonValue() as fc.Arbitrary<Json>, (json) => {
      fc.pre(referencesIn(json).length === 0);
      expect(resolve(json, scope)).toEqual({ ok: true, value: json });
    }),
  );
});

test("a quoted path finds any key", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 40, unit: "binary" }), (key) => {
      fc.pre(key !== "__proto__");
      const params = { [key]: "found" };
      expect(resolve({ $from: `params[${JSON.stringify(key)}]` }, { params, steps: {}, matrix: null })).toEqual({
        ok: true,
        value: "found",
      });
      expect(resolve({ $text: `{params[${JSON.stringify(key)}]}` }, { params, steps: {}, matrix: null })).toEqual({
        ok: true,
        value: "found",
      });
    }),
  );
});

test("nesting of any depth is survived; deeper than 64 is named as a problem", () => {
  let json: Json = { $from: "params.region" };
  for (let depth = 0; depth < 50_000; depth++) json = [json];
  expect(resolve(json, scope).ok).toBe(true);
  expect(referencesIn(json)[0]!.problem).toContain("64");
});
