// `switchyard job list`
import type { Command } from "commander";
import { parseDuration } from "../../shared/domain/duration.ts";
import { acting, type Call } from "../call.ts";
import { usage } from "../errors.ts";
import { collect, commaList, count, verbOf } from "../globals.ts";
import { jobColumns } from "../output/job-table.ts";
import { printList } from "../output/list.ts";
import { listed } from "../pages.ts";
import type { Job } from "../shown.ts";

interface Options {
  readonly state?: readonly string[];
  readonly tag?: readonly string[];
  readonly name?: string;
  readonly type?: string;
  readonly function?: string;
  readonly batch?: string;
  readonly run?: string;
  readonly since?: string;
  readonly limit: number;
  readonly cursor?: string;
  readonly all?: boolean;
}

const examples = ["job list --state failed --since 24h", "job list --tag nightly --tag region=eu --all --json | jq -r '.items[].id'"];

export function addList(group: Command): void {
  verbOf(group, "list", "list jobs, newest first", examples)
    .option(
      "--state <states>",
      "created, blocked, delayed, queued, starting, running, paused, completed, failed, cancelled; a comma list",
      commaList,
    )
    .option("--tag <tag>", "repeatable: all must be there", collect)
    .option("--name <name>", "the whole name")
    .option("--type <type>", "function, script or container")
    .option("--function <name>", "jobs of this function")
    .option("--batch <id>", "jobs of this batch")
    .option("--run <id>", "jobs of this run")
    .option("--since <duration|time>", "created since then, as 2h or 2026-01-01T00:00:00Z")
    .option("--limit <n>", "how many", count, 50)
    .option("--cursor <cursor>", "go on where a list ended (its nextCursor)")
    .option("--all", "all there are")
    .action(acting(list));
}

async function list(call: Call, options: Options): Promise<void> {
  const { state, since, limit, all, ...filters } = { ...options };
  const { tag, name, type, function: functionName, batch, run, cursor } = filters;
  const createdAfter = since === undefined ? undefined : instantOf(since, Date.now());
  const query = { state: state?.join(","), tag, name, type, function: functionName, batch, run, cursor, createdAfter };
  const jobs = await listed<Job>(call.client, "/v1/jobs", query, all ? Infinity : Math.max(1, limit));
  printList(call, jobs, jobColumns(call.out.paint, Date.now()), "No jobs.");
}

/** A duration is counted back from now. @throws CliError */
export function instantOf(text: string, now: number): string {
  const ms = parseDuration(text);
  if (ms !== null) return new Date(now - ms).toISOString();
  const time = Date.parse(text);
  if (Number.isNaN(time)) throw usage(`--since ${text} is neither a duration, as 2h, nor a time, as 2026-01-01T00:00:00Z.`);
  return new Date(time).toISOString();
}
