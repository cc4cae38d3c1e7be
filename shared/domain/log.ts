// Log lines as users read them.

export interface LogLine {
  /** Grows over all attempts of a job; only its order means something. */
  readonly seq: number;
  readonly at: number;
  readonly stream: "stdout" | "stderr";
  readonly text: string;
  readonly attempt: number;
  /** The line goes on in the next one: it was longer than `LOG_LINE_MAX_BYTES`. */
  readonly partial?: true;
}

export const LOG_LINE_MAX_BYTES = 64 * 1024;

/** Lines of one attempt are numbered within a range of their own. */
const LINES_PER_ATTEMPT = 1_000_000_000;

export const seqOf = (attempt: number, line: number): number => attempt * LINES_PER_ATTEMPT + line;
export const attemptOfSeq = (seq: number): number => Math.floor(seq / LINES_PER_ATTEMPT);
export const lineOfSeq = (seq: number): number => seq % LINES_PER_ATTEMPT;
