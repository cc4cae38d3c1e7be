// Reading jobs: strongly, and only those that exist. A job of a graph that is still being written does not.
import type { JobView } from "../../../ports/store.ts";
import { bodyKey, commitKey, idKey, jobKey, jobPk, resultKey } from "./keys.ts";
import { storedJobOf, viewOf, type StoredJob } from "./stored-job.ts";
import { startingWith, type Table } from "./table.ts";

export class Jobs {
  readonly #table: Table;

  constructor(table: Table) {
    this.#table = table;
  }

  async uidOf(id: string): Promise<string | null> {
    return ((await this.#table.get(idKey(id)))?.uid as string | undefined) ?? null;
  }

  async uidsOf(ids: readonly string[]): Promise<(string | null)[]> {
    return (await this.#table.getAll(ids.map(idKey))).map((item) => (item?.uid as string | undefined) ?? null);
  }

  async byId(id: string): Promise<StoredJob | null> {
    const uid = await this.uidOf(id);
    return uid === null ? null : this.byUid(uid);
  }

  async byUid(uid: string): Promise<StoredJob | null> {
    return (await this.byUids([uid]))[0]!;
  }

  async byUids(uids: readonly string[]): Promise<(StoredJob | null)[]> {
    const found = (await this.#table.getAll(uids.map(jobKey))).map(storedJobOf);
    const graphs = [...new Set(found.flatMap((stored) => (stored?.graph ? [stored.graph] : [])))];
    const commits = await this.#table.getAll(graphs.map(commitKey));
    const committed = new Set(graphs.filter((_, index) => commits[index]));
    return found.map((stored) => (stored?.graph && !committed.has(stored.graph) ? null : stored));
  }

  async view(id: string): Promise<JobView | null> {
    const uid = await this.uidOf(id);
    if (uid === null) return null;
    const items = await this.#table.query({ pk: jobPk(uid), ...startingWith("A#"), limit: 3 });
    const item = (key: { sk: string }) => items.find(({ sk }) => sk === key.sk) ?? null;
    const stored = storedJobOf(item(jobKey(uid)));
    // A rare way: the graph's own word is needed.
    if (!stored || (stored.graph && !(await this.byUid(uid)))) return null;
    return viewOf(stored, item(bodyKey(uid)), item(resultKey(uid)));
  }

  async viewsOf(jobs: readonly StoredJob[]): Promise<JobView[]> {
    const [bodies, results] = await Promise.all([
      this.#table.getAll(jobs.map(({ uid }) => bodyKey(uid))),
      this.#table.getAll(jobs.map(({ uid }) => resultKey(uid))),
    ]);
    return jobs.flatMap((stored, index) => viewOf(stored, bodies[index]!, results[index]!) ?? []);
  }
}
