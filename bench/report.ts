// Figures by name: each the median of its repetitions, beside what is aimed at.
import { median } from "./support.ts";

interface Figure {
  readonly unit: string;
  readonly goal?: { readonly atLeast?: number; readonly atMost?: number } | undefined;
  readonly values: number[];
}

const figures = new Map<string, Figure>();

export function record(name: string, value: number, unit: string, goal?: Figure["goal"]): void {
  const figure = figures.get(name) ?? { unit, goal, values: [] };
  figure.values.push(value);
  figures.set(name, figure);
}

export function report(): void {
  for (const [name, { unit, goal, values }] of figures) {
    const value = median(values);
    console.log(
      `${name.padEnd(58)} ${text(value).padStart(9)} ${unit.padEnd(7)} ${told(value, goal)}${values.length > 1 ? `   of ${values.map(text).join(" ")}` : ""}`,
    );
  }
}

function told(value: number, goal: Figure["goal"]): string {
  if (!goal) return "".padEnd(18);
  const isMet = goal.atLeast === undefined ? value <= goal.atMost! : value >= goal.atLeast;
  const bound = goal.atLeast === undefined ? `≤ ${goal.atMost}` : `≥ ${goal.atLeast}`;
  return `${isMet ? "ok    " : "MISSED"} ${bound}`.padEnd(18);
}

const text = (value: number): string => (value >= 100 ? value.toFixed(0) : value >= 1 ? value.toFixed(2) : value.toFixed(3));
