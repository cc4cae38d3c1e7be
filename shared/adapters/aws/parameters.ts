// Secrets of a stage, from the Parameter Store: read once a process, and again after a while, so that a changed one is taken over.
import { GetParameterCommand, ParameterNotFound, type SSMClient } from "@aws-sdk/client-ssm";
import { MINUTE } from "../../domain/duration.ts";

const KEPT_MS = 5 * MINUTE;

export class Parameters {
  readonly #client: SSMClient;
  readonly #known = new Map<string, { readonly value: Promise<string | null>; readonly until: number }>();

  constructor(client: SSMClient) {
    this.#client = client;
  }

  /** Decrypted; null = there is none of that name. */
  read(name: string): Promise<string | null> {
    const known = this.#known.get(name);
    if (known && known.until > Date.now()) return known.value;
    const value = this.#fetch(name);
    this.#known.set(name, { value, until: Date.now() + KEPT_MS });
    value.catch(() => this.#known.delete(name));
    return value;
  }

  /** @throws if it is not there: the stacks make it. */
  async must(name: string): Promise<string> {
    const value = await this.read(name);
    if (value === null) throw new Error(`there is no parameter ${name}`);
    return value;
  }

  async #fetch(name: string): Promise<string | null> {
    try {
      return (await this.#client.send(new GetParameterCommand({ Name: name, WithDecryption: true }))).Parameter?.Value ?? null;
    } catch (error) {
      if (error instanceof ParameterNotFound) return null;
      throw error;
    }
  }
}
