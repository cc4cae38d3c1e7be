import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { eventsDocument } from "../../events/document.ts";

test("docs/events.md says what the catalogue says (npm run docs writes it)", () => {
  expect(readFileSync(new URL("../../docs/events.md", import.meta.url), "utf8")).toBe(eventsDocument());
});
