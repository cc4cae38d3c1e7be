// The jobs of a run, kept up to date without reading all of them again each second.
import type { Client, List } from "../../shared/sdk/client.ts";
import { listed, queryText } from "../pages.ts";
import type { Job } from "../shown.ts";

const PAGE = 100;

export class RunJobs {
  readonly #client: Client;
  readonly #run: string;
  readonly #byId = new Map<string, Job>();
  #newest = "";

  constructor(client: Client, run: string) {
    this.#client = client;
    this.#run = run;
  }

  get = (id: string): Job | undefined => this.#byId.get(id);

  /** Those that changed since the last time, and those that run: progress does not count as a change. */
  async refresh(): Promise<void> {
    const [running] = await Promise.all([
      listed<Job>(this.#client, "/v1/jobs", { run: this.#run, state: "running" }, PAGE),
      this.#changed(),
    ]);
    for (const job of running.items) this.#byId.set(job.id, job);
  }

  async #changed(): Promise<void> {
    const known = this.#newest;
    for (let cursor: string | undefined, isNew = true; isNew; isNew = isNew && cursor !== undefined) {
      const query = { run: this.#run, sort: "updatedAt", order: "desc", limit: PAGE, cursor };
      const page: List<Job> = await this.#client.call("GET", `/v1/jobs${queryText(query)}`);
      for (const job of page.items) {
        this.#byId.set(job.id, job);
        if (job.updatedAt > this.#newest) this.#newest = job.updatedAt;
      }
      isNew = page.items.every(({ updatedAt }) => updatedAt >= known);
      cursor = page.nextCursor;
    }
  }
}
