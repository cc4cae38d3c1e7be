import { expect, test } from "vitest";
import { drawGraph } from "../../shared/domain/workflow/draw.ts";
import { workflow } from "./workflow.given.ts";

const definition = workflow(
  {
    end: { matrix: { region: ["eu", "us"], year: [1, 2] } },
    clean: { script: { inline: "true" }, matrix: { x: { $from: "params.x" } }, after: [{ step: "end", on: "always", pass: "none" }] },
    load: { container: { image: "busybox" }, after: [{ step: "clean", on: "failure" }, "end"] },
    alarm: {},
  },
  { name: "nightly", final: "load", onFailure: "alarm" },
);

test("as json: steps with their type and number of jobs, edges with all they say", () => {
  expect(drawGraph(definition, "json")).toEqual({
    nodes: [
      { step: "end", type: "function", matrix: 4 },
      { step: "clean", type: "script", matrix: null },
      { step: "load", type: "container", final: true },
      { step: "alarm", type: "function", onFailure: true },
    ],
    edges: [
      { from: "end", to: "clean", on: "always", pass: "none", map: "all2one" },
      { from: "clean", to: "load", on: "failure", pass: "result", map: "all2one" },
      { from: "end", to: "load", on: "success", pass: "result", map: "all2one" },
    ],
  });
});

test("as mermaid: no step's name is taken for a word of the language", () => {
  expect(drawGraph(definition, "mermaid")).toBe(`flowchart LR
  n0["end<br/>function × 4"]
  n1["clean<br/>script × n"]
  n2[["load<br/>container, final"]]
  n3{{"alarm<br/>function, on failure"}}
  n0 -->|always| n1
  n1 -->|failure| n2
  n0 --> n2
`);
});

test("as dot", () => {
  expect(drawGraph(definition, "dot")).toBe(String.raw`digraph "nightly" {
  rankdir=LR;
  node [shape=box];
  "end" [label="end\nfunction × 4"];
  "clean" [label="clean\nscript × n"];
  "load" [label="load\ncontainer, final", peripheries=2];
  "alarm" [label="alarm\nfunction, on failure", style=dashed];
  "end" -> "clean" [label="always"];
  "clean" -> "load" [label="failure"];
  "end" -> "load";
}
`);
});

test("names with quotes, brackets and backslashes stay within their quotes", () => {
  const odd = 'a"]; <b>\\';
  const step = { ...definition.steps.get("alarm")!, name: odd };
  const drawn = { ...definition, name: odd, steps: new Map([[odd, step]]), onFailure: null };
  expect(drawGraph(drawn, "mermaid")).toContain('n0["a#34;]; #60;b#62;\\<br/>function"]');
  expect(drawGraph(drawn, "dot")).toContain(String.raw`"a\"]; <b>\\" [label="a\"]; <b>\\\nfunction"];`);
});
