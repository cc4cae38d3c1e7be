// The report as a page of its own: charts are drawn here, nothing is loaded from elsewhere.
import type { Delays, Hour } from "./_flight.ts";

export interface Report {
  readonly first: string;
  readonly last: string;
  readonly flights: number;
  readonly airports: readonly Delays[];
  readonly hours: readonly Hour[];
}

interface Bar {
  readonly label: string;
  readonly value: number;
  readonly told: string;
}

const escape = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

/** Horizontal bars from zero; each tells its value. */
function bars(title: string, all: readonly Bar[]): string {
  const [row, left, width] = [24, 64, 420];
  const most = Math.max(...all.map(({ value }) => value), 0.001);
  const drawn = all.map(({ label, value, told }, index) => {
    const length = Math.max(0, (value / most) * width);
    const y = index * row;
    return `<text x="${left - 8}" y="${y + 16}" text-anchor="end">${escape(label)}</text>
      <rect x="${left}" y="${y + 4}" width="${length.toFixed(1)}" height="16" rx="2"/><text x="${left + length + 6}" y="${y + 16}">${escape(told)}</text>`;
  });
  return `<h2>${escape(title)}</h2><svg viewBox="0 0 ${left + width + 120} ${all.length * row + 4}" role="img" aria-label="${escape(title)}">${drawn.join("")}</svg>`;
}

export function reportPage({ first, last, flights, airports, hours }: Report): string {
  const late = airports.map(({ origin, lateShare }) => ({ label: origin, value: lateShare, told: `${(100 * lateShare).toFixed(1)} %` }));
  const byHour = hours.map(({ hour, meanDelay, flights }) => ({
    label: `${hour}:00`,
    value: meanDelay,
    told: `${meanDelay.toFixed(1)} min, ${flights} flights`,
  }));
  const rows = airports.map(
    (one) =>
      `<tr><td>${escape(one.origin)}<td>${one.flights}<td>${one.meanDelay.toFixed(1)}<td>${one.medianDelay}<td>${one.p90Delay}<td>${(100 * one.lateShare).toFixed(1)} %`,
  );
  return `<!doctype html><html lang="en"><meta charset="utf-8"><title>Flight delays</title>
<style>
  :root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif }
  body { max-width: 46rem; margin: 2rem auto; padding: 0 1rem }
  svg { width: 100%; font-size: 13px; fill: currentColor } rect { fill: #3b82c4 }
  table { border-collapse: collapse } td, th { padding: .2rem .8rem; text-align: right; border-bottom: 1px solid #8884 }
</style>
<h1>Who was late, ${escape(first)} to ${escape(last)}</h1>
<p>${flights} flights within the United States, recorded by the Bureau of Transportation Statistics; ${airports.length} of the busiest airports.</p>
${bars("Flights more than 15 minutes late, by airport of departure", late)}
${bars("Mean delay by hour of departure", byHour)}
<h2>Figures</h2>
<table><tr><th>from<th>flights<th>mean (min)<th>median<th>90 %<th>late${rows.join("")}</table>
</html>
`;
}
