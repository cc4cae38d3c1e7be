import { expect } from "vitest";
import { type Api, eventually, type EventShown } from "./api.ts";
import type { BatchShown } from "./batches.ts";
import { followed } from "./followed.ts";
import type { Platform } from "./platform.ts";

const needs = ["function"] as const;

/** A place in the feed that lies before everything that is done from now on. */
async function here(api: Api): Promise<string> {
  const { id } = await api.submit({ function: "echo", autoStart: false });
  return (await api.history(id))[0]!.id;
}

/** Goes on from event to event, page by page, until `isEnough`. */
async function readFeed(
  api: Api,
  after: string,
  query: string,
  isEnough: (events: readonly EventShown[]) => boolean,
): Promise<EventShown[]> {
  const events: EventShown[] = [];
  let last = after;
  await eventually(async () => {
    for (let more = true; more;) {
      const page = await api.get<{ items: EventShown[]; nextAfter?: string }>(`/v1/events?after=${last}${query}`);
      events.push(...page.items);
      last = page.nextAfter ?? page.items.at(-1)?.id ?? last;
      more = page.nextAfter !== undefined;
    }
    if (!isEnough(events)) throw new Error(`${events.length} events are not enough`);
  }, 30_000);
  return events;
}

export function events({ promise }: Platform): void {
  promise("a job's history numbers its events without a gap, and is read page by page", { needs }, async (api) => {
    const job = await api.finish({ function: "flaky", params: { until: 3 }, retry: { maxAttempts: 3, delay: 0 } });
    const history = await api.all<EventShown>(`/v1/jobs/${job.id}/history`, 2);
    expect(history.map(({ seq }) => seq)).toEqual(history.map((_, index) => index + 1));
    expect(history[0]).toMatchObject({
      id: expect.stringMatching(/^evt_/),
      type: "job.created",
      jobId: job.id,
      data: { state: expect.any(String) },
    });
    expect(history.at(-1)).toMatchObject({ type: "job.completed", data: { attempt: 3 } });
    const newestFirst = await api.all<EventShown>(`/v1/jobs/${job.id}/history?order=desc`, 3);
    expect(newestFirst.toReversed()).toEqual(history);
    const started = history.find(({ type }) => type === "job.started")!;
    expect(started.data).toEqual({ attemptId: expect.stringMatching(/^att_/), attempt: 1, executor: job.executor });
  });

  promise("the feed from any event on misses nothing and tells nothing twice", { needs }, async (api) => {
    const start = await here(api);
    const batch = await api.post<BatchShown>("/v1/batches", { jobs: Array.from({ length: 25 }, () => ({ function: "echo" })) });
    await api.ended(`/v1/batches/${batch.id}`);
    const wanted = new Set(batch.jobs.map(({ id }) => id));
    const ours = (seen: readonly EventShown[]) => seen.filter(({ jobId }) => jobId !== undefined && wanted.has(jobId));
    const seen = ours(
      await readFeed(api, start, "&limit=20", (all) => ours(all).filter(({ type }) => type === "job.completed").length >= wanted.size),
    );
    expect(new Set(seen.map(({ id }) => id)).size).toBe(seen.length);
    for (const id of wanted) {
      const types = seen.filter(({ jobId }) => jobId === id).toSorted((a, b) => a.seq - b.seq).map(({ type }) => type); // prettier-ignore
      expect(types).toEqual(["job.created", "job.started", "job.completed"]);
    }
  });

  promise("the feed is asked for types, and tells of batches too", { needs }, async (api) => {
    const start = await here(api);
    const { id } = await api.post<BatchShown>("/v1/batches", { jobs: [{ function: "flaky", params: { until: 9 } }] });
    const isOwn = ({ batchId }: EventShown) => batchId === id;
    const seen = await readFeed(api, start, "&types=batch.created,batch.failed,job.failed", (all) => all.filter(isOwn).length >= 3);
    expect(new Set(seen.map(({ type }) => type)).difference(new Set(["batch.created", "batch.failed", "job.failed"])).size).toBe(0);
    expect(seen.filter(isOwn).map(({ type }) => type).toSorted()).toEqual(["batch.created", "batch.failed", "job.failed"]); // prettier-ignore
  });

  promise("the events of one job are read from any of them on", { needs }, async (api) => {
    const job = await api.finish({ function: "echo" });
    const [first, ...rest] = await api.history(job.id);
    const read = (query: string) => api.get<{ items: EventShown[] }>(`/v1/events?job=${job.id}${query}`);
    expect((await read("")).items).toEqual([first, ...rest]);
    expect((await read(`&after=${first!.id}`)).items).toEqual(rest);
    expect((await read("&types=job.completed,job.failed")).items).toEqual(rest.slice(-1));
  });

  promise("the feed is followed as things happen, also by who was cut off", { needs }, async (api) => {
    const jobs = await Promise.all([1, 2, 3].map(() => api.submit({ function: "echo", delay: "1h" })));
    const ids: unknown[] = jobs.map(({ id }) => id);
    const isOwn = ({ data }: { data: Record<string, unknown> }) => ids.includes(data.jobId);
    // Types that few others on the server have.
    const path = `/v1/events?follow=1&after=${await here(api)}&types=job.paused,job.resumed`;
    const following = followed(api, path, (sent) => sent.filter(isOwn).length >= 6, 4);
    for (const { id } of jobs) for (const verb of ["pause", "resume"]) await api.post(`/v1/jobs/${id}/${verb}`);
    const sent = (await following).filter(isOwn);
    expect(new Set(sent.map(({ id }) => id)).size).toBe(6);
    for (const id of ids)
      expect(sent.filter(({ data }) => data.jobId === id).map(({ event }) => event).toSorted()).toEqual(["job.paused", "job.resumed"]); // prettier-ignore
    for (const { id, event, data } of sent) expect([data.id, data.type]).toEqual([id, event]);
  });

  promise("one job's events are followed", { needs }, async (api) => {
    const { id } = await api.submit({ function: "echo", delay: "1s" });
    const [created] = await api.history(id);
    const sent = await followed(api, `/v1/events?follow=1&job=${id}&after=${created!.id}`, (all) => all.at(-1)?.event === "job.completed");
    expect(sent.map(({ data }) => data.seq)).toEqual(sent.map((_, index) => index + 2));
  });

  promise("an event that there cannot be is refused as a place to go on from", {}, async (api) => {
    expect(await api.refused("GET", "/v1/events?after=yesterday")).toMatchObject({ status: 400, code: "request.invalid" });
  });
}
