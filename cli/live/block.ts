// A few lines of a terminal that are drawn over again in place.
import type { Screen } from "../output/screen.ts";
import { cutPainted } from "../output/text.ts";

const ESC = "\u001B[";
/** Five times a second: enough to look alive, and few enough for a slow connection. */
const REDRAW_MS = 200;

class Block {
  readonly #screen: Screen;
  #lines = 0;
  readonly #showCursor = (): void => this.#screen.write(`${ESC}?25h`);

  constructor(screen: Screen) {
    this.#screen = screen;
    screen.write(`${ESC}?25l`);
    // However the process ends: a terminal without a cursor looks broken.
    process.once("exit", this.#showCursor);
  }

  draw(lines: readonly string[]): void {
    // What does not fit on the screen could not be drawn over: it has scrolled away.
    const room = Math.max(1, this.#screen.height - 1);
    const shown = lines.length <= room ? lines : [...lines.slice(0, room - 1), `… ${lines.length - room + 1} more`];
    const up = this.#lines > 0 ? `${ESC}${this.#lines}A` : "";
    // Nor could a line that goes on in the next.
    const lineOf = (line: string): string => `${cutPainted(line, this.#screen.width - 1)}${ESC}K\n`;
    this.#screen.write(`${up}\r${shown.map(lineOf).join("")}${ESC}J`);
    this.#lines = shown.length;
  }

  close(): void {
    process.off("exit", this.#showCursor);
    this.#showCursor();
  }
}

/** Draws `view` of what was last seen until `follow` has ended; the last view stays. */
export async function animated<T>(
  screen: Screen,
  first: T,
  view: (seen: T, now: number) => string[],
  follow: (see: (seen: T) => void) => Promise<T>,
): Promise<T> {
  let seen = first;
  const block = new Block(screen);
  const draw = (): void => block.draw(view(seen, Date.now()));
  const timer = setInterval(draw, REDRAW_MS);
  try {
    draw();
    seen = await follow((next) => (seen = next));
    draw();
    return seen;
  } finally {
    clearInterval(timer);
    block.close();
  }
}

const frames = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏";
export const spinner = (now: number): string => frames[Math.floor(now / REDRAW_MS) % frames.length]!;
