import { expect } from "vitest";
import { type Api, eventually, own, type Page } from "./api.ts";
import type { Platform } from "./platform.ts";

const needs = ["function"] as const;

/** Jobs that stand still, oldest first. */
async function standing(api: Api, tag: string, count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let made = 0; made < count; made++) ids.push((await api.submit({ function: "echo", autoStart: false, tags: [tag] })).id);
  return ids;
}

/** Once the list has caught up with what was written. */
const listed = (api: Api, query: string, ids: readonly string[]): Promise<void> =>
  eventually(async () => expect((await api.all(`/v1/jobs?${query}`)).map(({ id }) => id)).toEqual(ids));

export function lists({ promise }: Platform): void {
  promise("jobs are listed newest first, or oldest first if asked, page by page", { needs }, async (api) => {
    const tag = own("tag");
    const ids = await standing(api, tag, 7);
    await listed(api, `tag=${tag}`, ids.toReversed());
    expect((await api.all(`/v1/jobs?tag=${tag}`, 3)).map(({ id }) => id)).toEqual(ids.toReversed());
    expect((await api.all(`/v1/jobs?tag=${tag}&order=asc`, 2)).map(({ id }) => id)).toEqual(ids);
  });

  promise("paging misses nothing and shows nothing twice, though jobs come and change meanwhile", { needs }, async (api) => {
    for (const order of ["asc", "desc"]) {
      const tag = own("tag");
      const ids = await standing(api, tag, 9);
      await listed(api, `tag=${tag}&order=asc`, ids);
      const seen: string[] = [];
      for (let cursor: string | undefined = "", page = 0; cursor !== undefined; page++) {
        const { items, nextCursor }: Page<{ id: string }> = await api.get(`/v1/jobs?tag=${tag}&order=${order}&limit=2${cursor}`);
        seen.push(...items.map(({ id }) => id));
        cursor = nextCursor === undefined ? undefined : `&cursor=${nextCursor}`;
        if (page < 3) await Promise.all([standing(api, tag, 1), api.post(`/v1/jobs/${ids[page * 2]}/cancel`)]);
      }
      expect(new Set(seen).size, order).toBe(seen.length);
      const first = new Set(ids);
      expect(
        seen.filter((id) => first.has(id)),
        order,
      ).toEqual(order === "asc" ? ids : ids.toReversed());
    }
  });

  promise("every filter finds its jobs and no others", { needs }, async (api) => {
    const [tag, name] = [own("tag"), own("name")];
    const make = async (more: object) => (await api.submit({ function: "echo", autoStart: false, tags: [tag], ...more })).id;
    const first = await make({ name, tags: [tag, "x"] });
    const second = await make({ tags: { [tag]: "", team: "data" } });
    const third = await make({ function: "mirror", delay: "1h", autoStart: true });
    const done = await api.finish({ function: "echo", name, tags: [tag, "x"] });
    await listed(api, `tag=${tag}`, [done.id, third, second, first]);
    const found = async (query: string, ...ids: string[]) =>
      expect(
        (await api.all(`/v1/jobs?${query}`)).map(({ id }) => id),
        query,
      ).toEqual(ids);
    await found(`tag=${tag}&tag=x`, done.id, first);
    await found(`tag=${tag}&tag=team%3Ddata`, second);
    await eventually(() => found(`name=${name}`, done.id, first));
    await found(`tag=${tag}&function=mirror`, third);
    await found(`tag=${tag}&type=script`);
    await eventually(() => found(`tag=${tag}&state=created`, second, first));
    await found(`tag=${tag}&state=completed,delayed`, done.id, third);
    await found(`tag=${tag}&state=PENDING`, third, second, first);
    await found(`tag=${tag}&state=READY`);
    await found(`tag=${tag}&createdAfter=${(await api.job(second)).createdAt}`, done.id, third);
    await found(`tag=${tag}&createdBefore=${(await api.job(second)).createdAt}`, first);
    await found(`tag=${tag}&archived=true`);
    await found(`tag=${tag}&archived=false&name=${name}`, done.id, first);
  });

  promise("jobs of a batch and of a run are found by it", { needs }, async (api) => {
    const batch = await api.post<{ id: string; jobs: { id: string }[] }>("/v1/batches", {
      autoStart: false,
      jobs: [{ function: "echo" }, { function: "mirror" }],
    });
    await listed(api, `batch=${batch.id}&order=asc`, batch.jobs.map(({ id }) => id)); // prettier-ignore
    await listed(api, `batch=${batch.id}&function=mirror`, [batch.jobs[1]!.id]);
    await listed(api, `batch=${own("bat")}`, []);
    await listed(api, `run=${own("run")}`, []);
  });

  promise("a list shows each job as it is shown by itself", { needs }, async (api) => {
    const tag = own("tag");
    const job = await api.finish({ function: "echo", name: "Alike", params: { value: [1] }, tags: [tag], metadata: { a: 1 } });
    await eventually(async () => expect(await api.all(`/v1/jobs?tag=${tag}`)).toEqual([await api.job(job.id)]));
  });

  promise("jobs are listed by name, priority and last change, and with an offset", { needs }, async (api) => {
    const tag = own("tag");
    const make = async (name: string, priority: number) =>
      (await api.submit({ function: "echo", autoStart: false, tags: [tag], name, priority })).id;
    const [m, z, a] = [await make("m", 1), await make("z", 9), await make("a", 5)];
    await listed(api, `tag=${tag}&sort=name&order=asc`, [a, m, z]);
    await listed(api, `tag=${tag}&sort=priority`, [z, a, m]);
    await api.post(`/v1/jobs/${m}/cancel`);
    await listed(api, `tag=${tag}&sort=updatedAt`, [m, a, z]);
    await listed(api, `tag=${tag}&offset=1`, [z, m]);
  });

  promise("stats count jobs by state", { needs }, async (api) => {
    const tag = own("tag");
    await standing(api, tag, 3);
    await eventually(async () => {
      const stats = await api.get<{ groupBy: string; counts: Record<string, number> }>("/v1/stats");
      expect(stats.groupBy).toBe("state");
      expect(stats.counts.created).toBeGreaterThanOrEqual(3);
      for (const count of Object.values(stats.counts)) expect(count).toBeGreaterThan(0);
    });
  });
}
