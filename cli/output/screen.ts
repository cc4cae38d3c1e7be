// Where a command writes, and what may be written there: colours and redrawing only on a terminal.
import pc from "picocolors";

export type Paint = ReturnType<typeof pc.createColors>;
export type Environment = Readonly<Record<string, string | undefined>>;
type Stream = Pick<NodeJS.WriteStream, "write"> & Partial<Pick<NodeJS.WriteStream, "isTTY" | "columns" | "rows">>;

const eightBitControls = /[\u007F-\u009F]/g;
const UNKNOWN_WIDTH = 80;
const UNKNOWN_HEIGHT = 24;

export class Screen {
  readonly isTerminal: boolean;
  readonly hasColours: boolean;
  readonly paint: Paint;
  readonly #stream: Stream;
  readonly #environment: Environment;

  constructor(stream: Stream, environment: Environment) {
    this.#stream = stream;
    this.#environment = environment;
    this.isTerminal = stream.isTTY === true && environment.TERM !== "dumb";
    this.hasColours = wantsColours(environment, this.isTerminal);
    this.paint = pc.createColors(this.hasColours);
  }

  /** Infinite for files and pipes: what reads them wants whole values. */
  get width(): number {
    if (!this.isTerminal) return Infinity;
    // A terminal that nobody told its size says 0.
    return positive(this.#environment.COLUMNS) ?? (this.#stream.columns || UNKNOWN_WIDTH);
  }

  get height(): number {
    return this.#stream.rows || UNKNOWN_HEIGHT;
  }

  write(text: string): void {
    this.#stream.write(text);
  }

  line(text = ""): void {
    this.#stream.write(`${text}\n`);
  }

  /** In one line where a program reads it. JSON escapes the control characters that terminals know from of old, but not these. */
  json(value: unknown): void {
    this.line(
      this.isTerminal
        ? JSON.stringify(value, null, 2).replaceAll(eightBitControls, (control) => String.raw`\u00${control.charCodeAt(0).toString(16)}`)
        : JSON.stringify(value),
    );
  }
}

/** https://no-color.org and https://force-color.org; as in Node, force wins. */
function wantsColours({ FORCE_COLOR, NO_COLOR }: Environment, isTerminal: boolean): boolean {
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== "0" && FORCE_COLOR !== "false";
  return isTerminal && (NO_COLOR ?? "") === "";
}

function positive(text: string | undefined): number | undefined {
  const value = Number(text);
  return Number.isInteger(value) && value > 0 ? value : undefined;
}
