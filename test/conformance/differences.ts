// What platforms do not have in common. docs/parity.md shows this table, and a case that needs one of the rows' features says so;
// everything else is promised in words that all platforms keep.

interface Difference {
  readonly what: string;
  readonly local: string;
  readonly aws: string;
}

/** Things that a platform has or lacks: cases name them as what they need. */
const features = {
  function: { what: "function jobs", local: "executor `node`: threads and processes of the server", aws: "executor `lambda`: a Lambda for each function" },
  script: { what: "script jobs", local: "executor `process`", aws: "not yet: refused with `executor.unavailable`" },
  secret: { what: "secrets of jobs", local: "`env:NAME`, named with `--secret-env`", aws: "`ssm:/switchyard/STAGE/secrets/NAME`" },
  rawBody: { what: "a body that is not UTF-8", local: "refused with `request.invalid`", aws: "API Gateway may have made it UTF-8 before it arrives" },
  ownName: { what: "a request under a foreign `Host`", local: "refused with `request.foreign_origin`", aws: "never arrives: API Gateway knows its own names only" },
} satisfies Record<string, Difference>; // prettier-ignore

export type Feature = keyof typeof features;

/** Things that both have, each in its own way. */
const ways: readonly Difference[] = [
  { what: "lists by name, priority or last change; offsets", local: "of any list", aws: "of lists that filters narrow to 1,000 jobs, else `list.too_broad`" },
  { what: "`wait`", local: "up to 10 minutes", aws: "up to 25 s, then the unfinished job" },
  { what: "the state of a job just submitted", local: "`queued`", aws: "`starting`: its turn is granted with its submission" },
  { what: "a cancel before the executor began", local: "202, then `cancelled`", aws: "200: nothing has begun" },
  { what: "a cancel while the function runs", local: "told at once", aws: "noticed within about 10 s" },
  { what: "delays and back-offs", local: "to the millisecond", aws: "whole seconds, rounded up" },
  { what: "log lines of a job that runs", local: "at once", aws: "after 5 s, then every few seconds" },
  { what: "lists, counts and the feed", local: "as written", aws: "seconds behind" },
  { what: "followed streams", local: "stay open", aws: "end after the first events or 25 s; go on by `Last-Event-ID`" },
  { what: "a function's longest attempt", local: "without end", aws: "900 s" },
  { what: "a file whose name has a question mark", local: "read by its address", aws: "listed only: API Gateway cuts addresses there" },
  { what: "files and large results", local: "from the server", aws: "a 307 to the bucket, to be followed without the token" },
  { what: "an answer that takes longer than 30 s", local: "comes", aws: "is a 5xx of API Gateway: ask again with the same `Idempotency-Key`" },
]; // prettier-ignore

export const differences: readonly Difference[] = [...Object.values(features), ...ways];
