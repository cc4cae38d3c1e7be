import { expect } from "vitest";
import { own, type Api } from "./api.ts";
import { followed, hasEnded } from "./followed.ts";
import type { Platform } from "./platform.ts";

export interface LineShown {
  readonly seq: number;
  readonly at: string;
  readonly stream: "stdout" | "stderr";
  readonly text: string;
  readonly attempt: number;
  readonly partial?: true;
}

interface LogPage {
  readonly items: LineShown[];
  readonly nextAfter?: number;
}

const needs = ["function"] as const;
const numbers = (from: number, to: number): string[] => Array.from({ length: to - from + 1 }, (_, index) => String(from + index));
const textsOf = (lines: readonly LineShown[]): string[] => lines.map(({ text }) => text);

export const linesOf = async (api: Api, id: string, query = ""): Promise<LineShown[]> =>
  (await api.get<LogPage>(`/v1/jobs/${id}/logs?${query}`)).items;

export async function allLines(api: Api, id: string, limit: number): Promise<LineShown[]> {
  const lines: LineShown[] = [];
  for (let after: number | undefined = 0; after !== undefined;) {
    const page: LogPage = await api.get<LogPage>(`/v1/jobs/${id}/logs?after=${after}&limit=${limit}`);
    expect(page.items.length).toBeLessThanOrEqual(limit);
    lines.push(...page.items);
    after = page.nextAfter;
  }
  return lines;
}

export function logs({ promise }: Platform): void {
  promise("what a job says is its log, in order, each line with its time, stream and attempt", { needs }, async (api) => {
    const { id } = await api.finish({ function: "chatty", params: { lines: 3, text: "größer 🚀", error: "watch out" } });
    const lines = await linesOf(api, id);
    expect(lines).toMatchObject([
      { stream: "stdout", text: "1", attempt: 1, at: expect.stringMatching(/Z$/) },
      { stream: "stdout", text: "2" },
      { stream: "stdout", text: "3" },
      { stream: "stdout", text: "größer 🚀" },
      { stream: "stderr", text: "watch out" },
    ]);
    expect(lines.map(({ seq }) => seq)).toEqual(lines.map(({ seq }) => seq).toSorted((a, b) => a - b));
  });

  promise("a log is paged without a gap, its tail is its last lines, and `after` is exclusive", { needs }, async (api) => {
    const { id } = await api.finish({ function: "chatty", params: { lines: 2500 } });
    const all = await allLines(api, id, 400);
    expect(textsOf(all)).toEqual(numbers(1, 2500));
    expect(textsOf(await linesOf(api, id, "tail=2"))).toEqual(["2499", "2500"]);
    expect(textsOf(await linesOf(api, id, "tail=0"))).toEqual([]);
    expect(textsOf(await linesOf(api, id, `after=${all[2497]!.seq}`))).toEqual(["2499", "2500"]);
    expect(await linesOf(api, id)).toHaveLength(1000);
  });

  promise("a log is that of all attempts, or of one", { needs }, async (api) => {
    const { id } = await api.finish({ function: "chatty", params: { lines: 2, until: 3 }, retry: { maxAttempts: 3, delay: 0 } });
    const lines = await linesOf(api, id);
    expect(lines.map(({ text, attempt }) => [attempt, text])).toEqual([1, 2, 3].flatMap((attempt) => [[attempt, "1"], [attempt, "2"]])); // prettier-ignore
    expect(await linesOf(api, id, "attempt=2")).toEqual(lines.slice(2, 4));
    expect(await linesOf(api, id, "tail=3")).toEqual(lines.slice(3));
    expect(await linesOf(api, id, "attempt=4")).toEqual([]);
  });

  promise("a line that is too long is split into pieces", { needs }, async (api) => {
    const text = "é".repeat(100_000);
    const { id } = await api.finish({ function: "chatty", params: { text } });
    const lines = await linesOf(api, id);
    expect(textsOf(lines).join("")).toBe(text);
    expect(lines.map(({ partial }) => partial ?? false)).toEqual([true, true, true, false]);
    for (const line of lines) expect(Buffer.byteLength(line.text)).toBeLessThanOrEqual(65_536);
  });

  promise("a job that has said nothing has an empty log, and one that there is not has none", { needs }, async (api) => {
    const { id } = await api.submit({ function: "echo", autoStart: false });
    expect(await api.get(`/v1/jobs/${id}/logs`)).toEqual({ items: [] });
    expect(await api.refused("GET", `/v1/jobs/${own("nobody")}/logs`)).toMatchObject({ status: 404, code: "job.not_found" });
  });

  promise("a log is followed while it is written, and the end of the job ends the stream", { needs }, async (api) => {
    const later = { ms: 400, text: "late" };
    const { id } = await api.submit({ function: "chatty", params: { text: "early", error: "aside", later, until: 2 } });
    const sent = await followed(api, `/v1/jobs/${id}/logs?follow=1`, hasEnded);
    expect(sent.map(({ data }) => data.text ?? data.state)).toEqual(["early", "aside", "late", "failed"]);
    expect(sent[1]!.data).toMatchObject({ stream: "stderr", attempt: 1 });
  });

  promise("who was cut off goes on after the line that he saw last", { needs }, async (api) => {
    const later = { ms: 300, text: "last" };
    const { id } = await api.submit({ function: "chatty", params: { lines: 12, later } });
    const sent = await followed(api, `/v1/jobs/${id}/logs?follow=1`, hasEnded, 5);
    expect(sent.map(({ data }) => data.text ?? data.state)).toEqual([...numbers(1, 12), "last", "completed"]);
    const rest = await followed(api, `/v1/jobs/${id}/logs?follow=1&after=${sent[9]!.id}`, hasEnded);
    expect(rest.map(({ data }) => data.text ?? data.state)).toEqual(["11", "12", "last", "completed"]);
    const tail = await followed(api, `/v1/jobs/${id}/logs?follow=1&tail=2`, hasEnded);
    expect(tail.map(({ data }) => data.text ?? data.state)).toEqual(["12", "last", "completed"]);
  });

  promise("a job that was cancelled keeps what it said before", { needs }, async (api) => {
    const { id } = await api.submit({ function: "chatty", params: { lines: 3, later: { ms: 600_000, text: "never" } }, killGrace: 0 });
    await followed(api, `/v1/jobs/${id}/logs?follow=1`, (sent) => sent.length >= 3);
    await api.post(`/v1/jobs/${id}/cancel`);
    expect(await api.end({ id })).toMatchObject({ state: "cancelled" });
    expect(textsOf(await linesOf(api, id))).toEqual(numbers(1, 3));
  });
}
