// The environment of a job in a thread that many jobs share: set before it, restored after it. As a thread has one job at a time,
// nobody else sees it but what earlier jobs left running.

export class Environment {
  readonly #own: Readonly<Record<string, string>>;

  constructor(own: NodeJS.ProcessEnv) {
    this.#own = Object.fromEntries(Object.entries(own).filter((entry): entry is [string, string] => entry[1] !== undefined));
  }

  set(env: Readonly<Record<string, string>>): void {
    for (const name in env) process.env[name] = env[name];
  }

  /** Also of what the job itself changed. */
  restore(): void {
    for (const name of Object.keys(process.env)) if (!(name in this.#own)) delete process.env[name];
    for (const name in this.#own) if (process.env[name] !== this.#own[name]) process.env[name] = this.#own[name];
  }
}
