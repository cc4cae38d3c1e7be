// A run in the hands of its user.
import { isGroupEnd, type GroupState } from "../domain/group.ts";
import type { Json } from "../domain/json.ts";
import { SwitchyardError } from "../domain/errors.ts";
import type { Client } from "./client.ts";

export interface RunShown {
  readonly id: string;
  readonly workflow: string;
  readonly version: number;
  readonly state: GroupState;
  readonly counts: Record<string, number>;
  readonly steps: { readonly name: string; readonly state: string; readonly jobs: string[]; readonly result?: Json }[];
  readonly result?: Json;
  readonly createdAt: string;
  readonly finishedAt?: string;
}

const WAIT_SECONDS = 25;

export class RunHandle {
  readonly #client: Client;
  #shown: RunShown;

  constructor(client: Client, shown: RunShown) {
    this.#client = client;
    this.#shown = shown;
  }

  get shown(): RunShown {
    return this.#shown;
  }

  get id(): string {
    return this.#shown.id;
  }

  refresh = async (): Promise<RunShown> => (this.#shown = await this.#client.call<RunShown>("GET", this.#path()));

  async wait(): Promise<RunShown> {
    do this.#shown = await this.#client.call<RunShown>("GET", `${this.#path()}?wait=${WAIT_SECONDS}`);
    while (!isGroupEnd(this.#shown.state));
    return this.#shown;
  }

  /** Waits, and answers what each step left, by its name. @throws SwitchyardError `run.wrong_state` if it did not complete */
  async results(): Promise<Record<string, Json>> {
    const run = await this.wait();
    if (run.state !== "completed") throw new SwitchyardError("run.wrong_state", `The run ${run.id} ended as ${run.state}.`);
    return Object.fromEntries(run.steps.flatMap(({ name, result }) => (result === undefined ? [] : [[name, result]])));
  }

  cancel = (): Promise<RunShown> => this.#client.call("POST", `${this.#path()}/cancel`);
  retry = (): Promise<RunShown> => this.#client.call("POST", `${this.#path()}/retry`);
  pause = (): Promise<RunShown> => this.#client.call("POST", `${this.#path()}/pause`);
  resume = (): Promise<RunShown> => this.#client.call("POST", `${this.#path()}/resume`);

  #path = (): string => `/v1/runs/${encodeURIComponent(this.id)}`;
}
