import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { differences } from "./differences.ts";

test("docs/parity.md shows every known difference between platforms, and no other", () => {
  const text = readFileSync(join(import.meta.dirname, "../../docs/parity.md"), "utf8");
  const section = text.split("\n## ").find((part) => part.startsWith("Differences between the platforms")) ?? "";
  const rows = section.split("\n").filter((line) => line.startsWith("| "));
  const [, , ...shown] = rows.map((row) => row.split("|").slice(1, -1)).map((cells) => cells.map((cell) => cell.trim()));
  expect(shown).toEqual(differences.map(({ what, local, aws }) => [what, local, aws]));
});
