// What a command can end with besides success: an exit code, and a problem as the API would tell it.

/** 1 is kept for jobs, runs and batches that ended badly, so that scripts can tell them from a command that went wrong. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, refused: 3 } as const;
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** As RFC 9457 and API.md have it; problems of the command line itself have no status. */
export interface Problem {
  readonly type?: string;
  readonly title?: string;
  readonly status?: number;
  readonly code: string;
  readonly detail: string;
  readonly errors?: readonly { readonly path: string; readonly message: string }[];
  readonly requestId?: string;
}

export class CliError extends Error {
  readonly exitCode: ExitCode;
  readonly problem: Problem;
  /** What to do next, for people only. */
  readonly hint: string | undefined;

  constructor(exitCode: ExitCode, problem: Problem, { hint, cause }: { hint?: string | undefined; cause?: unknown } = {}) {
    super(problem.detail, cause === undefined ? undefined : { cause });
    this.name = "CliError";
    this.exitCode = exitCode;
    this.problem = problem;
    this.hint = hint;
  }
}

/** What it ended as was printed already; what else is to be said is its message. */
export class EndedBadly extends Error {
  override readonly name = "EndedBadly";
}

/** `--curl` has printed the request: nothing is to be done. */
export class Printed extends Error {
  override readonly name = "Printed";
}

export const usage = (detail: string, hint?: string): CliError =>
  new CliError(exitCodes.usage, { title: "Usage", code: "cli.usage", detail }, { hint });

export const failed = (code: string, detail: string, hint?: string): CliError =>
  new CliError(exitCodes.failed, { title: "Failed", code, detail }, { hint });

export function unreachable(url: string, cause: unknown): CliError {
  const problem = { title: "Server unreachable", code: "server.unreachable", detail: `No server answers at ${url} (${reasonOf(cause)}).` };
  return new CliError(exitCodes.refused, problem, {
    hint: "Start one with `switchyard serve` (or `npm start`), or say where it is: --url, SWITCHYARD_URL.",
    cause,
  });
}

const isUnreachable = (error: unknown): boolean => error instanceof CliError && error.problem.code === "server.unreachable";
/** The server is going or coming; it may be there again in a moment. */
export const isAway = (error: unknown): boolean => isUnreachable(error) || (error instanceof CliError && error.problem.status === 503);

/** Where the server cannot know what its caller should do; else its detail says it. */
const hints: Record<string, string> = {
  "auth.missing": "The token is taken from --token, SWITCHYARD_TOKEN, or the file token of the data folder (--dir, SWITCHYARD_DIR).",
  "auth.invalid": "The token is taken from --token, SWITCHYARD_TOKEN, or the file token of the data folder (--dir, SWITCHYARD_DIR).",
};

export const refused = (problem: Problem): CliError => new CliError(exitCodes.refused, problem, { hint: hints[problem.code] });

/** Node wraps the reason of a failed fetch in the cause, and several tries in one AggregateError. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (cause instanceof AggregateError && cause.errors.length > 0) return reasonOf(cause.errors[0]);
  return cause instanceof Error ? cause.message || cause.name : String(cause);
}
