// Plays the API's side of the attempt protocol, and remembers what it is told.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { parseRecord } from "../../shared/attempt/log-format.ts";
import type { AttemptGiven, FunctionAnswer } from "../../shared/attempt/function-call.ts";
import type { Json } from "../../shared/domain/json.ts";
import type { ProgressNews } from "../../shared/domain/progress.ts";

interface Chunk {
  readonly from: number;
  readonly records: string;
}

export interface Put {
  readonly body: string;
  readonly type: string | undefined;
  readonly length: string | undefined;
}

export class AttemptApi {
  readonly token = "a-token";
  readonly beats: { progress?: ProgressNews }[] = [];
  readonly chunks: Chunk[] = [];
  readonly announced: { path: string; size: number; contentType: string }[] = [];
  /** By name. */
  readonly puts = new Map<string, Put>();
  /** `METHOD /route` of all that was asked, in order. */
  readonly asked: string[] = [];
  given: AttemptGiven | null = null;
  beat = { cancel: false, isCurrent: true };
  checkpoint: Json | undefined = undefined;
  /** Statuses that the next requests of these routes get instead of an answer. */
  readonly faults: { route: RegExp; status: number; times: number }[] = [];
  readonly #server = createServer((request, response) => void this.#serve(request, response));
  #told: (() => void)[] = [];

  async open(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    return this;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  /** Resolves once something was asked for which this holds. */
  async until(holds: () => boolean): Promise<void> {
    while (!holds()) await new Promise<void>((resolve) => this.#told.push(resolve));
  }

  /** The lines of the log in order, from what was shipped and what came with the answer. Throws if one is missing. */
  log({ logs }: Pick<FunctionAnswer, "logs">): { stream: string; text: string }[] {
    const lines: string[] = [];
    for (const { from, records } of [...this.chunks, ...(logs ? [logs] : [])]) {
      records.split("\n").slice(0, -1).forEach((record, index) => (lines[from + index] = record)); // prettier-ignore
    }
    return Array.from(lines, (record, index) => {
      if (record === undefined) throw new Error(`line ${index} is missing`);
      const { stream, text } = parseRecord(record);
      return { stream, text };
    });
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const path = request.url ?? "";
    this.asked.push(`${request.method} ${path.replace(/^\/v1\/attempts\/[^/]+/, "") || "/"}`);
    const fault = this.faults.find(({ route, times }) => times > 0 && route.test(this.asked.at(-1)!));
    if (fault) fault.times--;
    const status = fault?.status ?? (path.startsWith("/put/") || request.headers.authorization === `Bearer ${this.token}` ? 200 : 401);
    const answer = status === 200 ? this.#answer(request, path, body) : { status, code: "some.code", detail: "not now" };
    response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
    for (const tell of this.#told.splice(0)) tell();
  }

  #answer({ method, headers }: IncomingMessage, path: string, body: string): unknown {
    if (method === "PUT") {
      this.puts.set(path.slice("/put/".length), { body, type: headers["content-type"], length: headers["content-length"] });
      return {};
    }
    const said = (body === "" ? {} : JSON.parse(body)) as Record<string, never>;
    const upload = (name: string) => ({ url: `${this.url}/put/${name}`, headers: { "content-type": "a/type" } });
    const route = /^\/v1\/attempts\/[^/]+(.*)$/.exec(path)?.[1];
    if (route === "") return this.given;
    if (route === "/beat") {
      this.beats.push(said);
      return this.beat;
    }
    if (route === "/checkpoint" && method === "GET") return this.checkpoint === undefined ? {} : { checkpoint: this.checkpoint };
    if (route === "/logs") this.chunks.push(said as unknown as Chunk);
    if (route === "/checkpoint") this.checkpoint = said.checkpoint;
    if (route === "/logs" || route === "/checkpoint") return {};
    if (route === "/result") return upload("result");
    if (route !== "/artifacts") throw new Error(`${method} ${path} is no route`);
    const files = said.files as unknown as AttemptApi["announced"];
    this.announced.push(...files);
    return { uploads: files.map(({ path: name }) => ({ path: name, ...upload(name) })) };
  }
}
