// Log lines on the screen.
import type { LogLineShown } from "../../shared/sdk/job-handle.ts";
import type { Call } from "../call.ts";
import type { Screen } from "../output/screen.ts";
import { cleanLog } from "../output/text.ts";
import { followed } from "./stream.ts";

/** Raw into files and pipes; on a terminal coloured by stream, and kept from moving the cursor. */
export class LogPrinter {
  readonly #screen: Screen;
  readonly #hasTimes: boolean;
  #isInLine = false;

  constructor(screen: Screen, { timestamps = false }: { timestamps?: boolean } = {}) {
    this.#screen = screen;
    this.#hasTimes = timestamps;
  }

  print({ text, at, stream, partial }: LogLineShown): void {
    const { isTerminal, hasColours, paint } = this.#screen;
    const safe = isTerminal ? cleanLog(text, hasColours) : text;
    const time = this.#hasTimes && !this.#isInLine ? `${paint.dim(at)} ` : "";
    // A line too long for one message comes in parts.
    this.#isInLine = partial === true;
    this.#screen.write(`${time}${stream === "stderr" ? paint.red(safe) : safe}${partial ? "" : "\n"}`);
  }
}

/** Until the job has ended. */
export async function followLogs(call: Call, path: string, options: { timestamps?: boolean } = {}): Promise<void> {
  const printer = new LogPrinter(call.out, options);
  for await (const { data } of followed(call, path)) {
    const line = JSON.parse(data) as LogLineShown;
    if (call.isJson) call.out.line(JSON.stringify(line));
    else printer.print(line);
  }
}
