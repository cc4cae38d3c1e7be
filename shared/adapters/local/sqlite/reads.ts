// The reads of the port. They run on a connection of their own, or on the writer's where there is no file.
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";
import { SwitchyardError } from "../../../domain/errors.ts";
import type { Tally } from "../../../domain/group.ts";
import type { StoredEvent } from "../../../domain/history.ts";
import type { JobState } from "../../../domain/job.ts";
import type { StoredWorkflow } from "../../../domain/workflow/definition.ts";
import type { Edge } from "../../../domain/dependency.ts";
import type { GroupQuery, IdempotencyKey, Input, JobQuery, JobView, Page, PageAsk, Store } from "../../../ports/store.ts";
import { listJobs } from "./list-jobs.ts";
import { groupOf, jobOf, selectedGroup, selectedJob, type Row } from "./rows.ts";
import { numberIn, pageOf, viewColumns, viewJoins, viewOf } from "./views.ts";

type ReadName =
  | "job" | "jobs" | "unfinishedTurns" | "due" | "nextDueAt" | "inputs" | "edges" | "group" | "groups" | "idleGroups" | "unreleased" | "key"
  | "workflow" | "workflows" | "events" | "lastEventId" | "counts"; // prettier-ignore

export interface Read {
  readonly name: ReadName;
  readonly args: readonly unknown[];
}

type Answers = { [K in ReadName]: (...args: Parameters<Store[K]>) => Awaited<ReturnType<Store[K]>> };

export class Reads implements Answers {
  readonly #database: DatabaseSync;
  readonly #prepared = new Map<string, StatementSync>();

  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  perform({ name, args }: Read): unknown {
    return (this[name] as (...given: unknown[]) => unknown).apply(this, [...args]);
  }

  /** Statements of a kind share their text, so that there are few of them. */
  #sql(text: string): StatementSync {
    let statement = this.#prepared.get(text);
    if (!statement) {
      if (this.#prepared.size > 200) this.#prepared.clear();
      statement = this.#database.prepare(text);
      this.#prepared.set(text, statement);
    }
    return statement;
  }

  all = (text: string, ...values: SQLInputValue[]): Row[] => this.#sql(text).all(...values);
  #one = (text: string, ...values: SQLInputValue[]): Row | undefined => this.#sql(text).get(...values);

  job(id: string): JobView | null {
    const row = this.#one(`SELECT ${viewColumns} FROM jobs j ${viewJoins} WHERE j.id = ?`, id);
    return row ? viewOf(row) : null;
  }

  jobs(query: JobQuery): Page<JobView> {
    return listJobs(this.all, query);
  }

  unfinishedTurns({ limit, after }: PageAsk): Page<ReturnType<typeof jobOf>> {
    const rows = this.all(
      `SELECT j.n, ${selectedJob("j")} FROM jobs j WHERE j.state IN ('starting', 'running') AND j.n > ? ORDER BY j.n LIMIT ?`,
      numberIn(after) ?? 0, limit + 1,
    ); // prettier-ignore
    return pageOf(rows, limit, (row) => String(row.n), jobOf);
  }

  due(now: number, max: number): ReturnType<typeof jobOf>[] {
    return this.all(`SELECT ${selectedJob("j")} FROM jobs j WHERE j.wakeAt <= ? ORDER BY j.wakeAt LIMIT ?`, now, max).map(jobOf);
  }

  nextDueAt(): number | null {
    return (this.#one("SELECT min(wakeAt) AS at FROM jobs WHERE wakeAt IS NOT NULL")?.at ?? null) as number | null;
  }

  inputs(job: string): Input[] {
    const rows = this.all(
      `SELECT p.id AS parent, e.label, e.pass, p.state, r.result, b.spec FROM edges e JOIN jobs p ON p.n = e.parent JOIN bodies b ON b.n = p.n
       LEFT JOIN results r ON r.n = p.n WHERE e.child = (SELECT n FROM jobs WHERE id = ?) ORDER BY e.parent`,
      job,
    );
    return rows as unknown as Input[];
  }

  edges(job: string, side: "in" | "out", { limit, after }: PageAsk): Page<Edge & { jobState: JobState }> {
    const [own, other] = side === "in" ? ["child", "parent"] : ["parent", "child"];
    const rows = this.all(
      `SELECT c.id AS child, p.id AS parent, e.condition AS "on", e.pass, e.label, e.state, o.state AS jobState, e.${other} AS n
       FROM edges e JOIN jobs c ON c.n = e.child JOIN jobs p ON p.n = e.parent JOIN jobs o ON o.n = e.${other}
       WHERE e.${own} = (SELECT n FROM jobs WHERE id = ?) AND e.${other} > ? ORDER BY e.${other} LIMIT ?`,
      job, numberIn(after) ?? 0, limit + 1,
    ); // prettier-ignore
    return pageOf(
      rows,
      limit,
      (row) => String(row.n),
      ({ n: _n, ...edge }) => edge as unknown as Edge & { jobState: JobState },
    );
  }

  group(id: string): Awaited<ReturnType<Store["group"]>> {
    const row = this.#one(`SELECT ${selectedGroup} FROM groups WHERE id = ?`, id);
    return row ? { group: groupOf(row), tally: this.#tally(id) } : null;
  }

  #tally(id: string): Tally {
    return tallyOf(this.all("SELECT bucket, count FROM tally WHERE groupId = ? AND count > 0", id));
  }

  groups({ kind, name, state, limit, after, order }: GroupQuery): Awaited<ReturnType<Store["groups"]>> {
    const [than, direction] = order === "asc" ? [">", "ASC"] : ["<", "DESC"];
    const where = [
      "kind = ?",
      ...(name === undefined ? [] : ["name = ?"]),
      ...(state === undefined ? [] : ["state = ?"]),
      ...(after === undefined ? [] : [`n ${than} ?`]),
    ];
    const values = [kind, name, state, numberIn(after)].filter((value) => value !== undefined);
    const rows = this.all(
      `SELECT n, ${selectedGroup} FROM groups WHERE ${where.join(" AND ")} ORDER BY n ${direction} LIMIT ?`,
      ...values,
      limit + 1,
    );
    return pageOf(rows, limit, (row) => String(row.n), (row) => ({ group: groupOf(row), tally: this.#tally(row.id as string) })); // prettier-ignore
  }

  idleGroups(max: number): string[] {
    const rows = this.all(
      // One may be open: the job that waits for a failure of the others.
      `SELECT id FROM groups WHERE finishedAt IS NULL AND (SELECT coalesce(sum(count), 0) FROM tally
         WHERE groupId = groups.id AND bucket NOT IN ('completed', 'failed', 'cancelled', 'skipped'))
         <= (SELECT count(*) FROM jobs WHERE id = groups.onFailureJob AND state = 'created') LIMIT ?`,
      max,
    );
    return rows.map((row) => row.id as string);
  }

  unreleased(max: number): string[] {
    const rows = this.all(
      `SELECT DISTINCT p.id FROM edges e INDEXED BY edges_open JOIN jobs p ON p.n = e.parent WHERE e.state = 'open' AND p.finishedAt IS NOT NULL LIMIT ?`,
      max,
    );
    return rows.map((row) => row.id as string);
  }

  key(key: string, now: number): IdempotencyKey | null {
    const row = this.#one("SELECT key, bodyHash, answer, untilMs FROM keys WHERE key = ? AND untilMs > ?", key, now);
    return (row ?? null) as IdempotencyKey | null;
  }

  workflow(name: string, version?: number): StoredWorkflow | null {
    const row = this.#one(`${selectedWorkflow} WHERE w.name = ?1 AND w.version = coalesce(?2, h.version)`, name, version ?? null);
    return (row ?? null) as StoredWorkflow | null;
  }

  workflows({ name, limit, after }: Parameters<Store["workflows"]>[0]): Page<StoredWorkflow> {
    const rows =
      name === undefined
        ? this.all(
            `${selectedWorkflow} WHERE w.version = h.version AND h.deletedAt IS NULL AND w.name > ? ORDER BY w.name LIMIT ?`,
            after ?? "",
            limit + 1,
          )
        : this.all(
            `${selectedWorkflow} WHERE w.name = ? AND w.version < ? ORDER BY w.version DESC LIMIT ?`,
            name,
            numberIn(after) ?? Number.MAX_SAFE_INTEGER,
            limit + 1,
          );
    return pageOf(rows, limit, (row) => String(name === undefined ? row.name : row.version), (row) => row as unknown as StoredWorkflow); // prettier-ignore
  }

  events({ job, types, limit, after, order }: Parameters<Store["events"]>[0]): Page<StoredEvent> {
    const [than, direction] = order === "desc" ? ["<", "DESC"] : [">", "ASC"];
    const where = [
      ...(job === undefined ? [] : ["e.job = (SELECT n FROM jobs WHERE id = ?)"]),
      ...(types ? [`e.type IN (${types.map(() => "?").join(", ")})`] : []),
      ...(after === undefined ? [] : [`e.position ${than} ?`]),
    ];
    const values = [...(job === undefined ? [] : [job]), ...(types ?? []), ...(after === undefined ? [] : [positionOf(after)])];
    const rows = this.all(
      `SELECT e.position, e.seq, e.type, e.at, e.data, e.groupId, j.id AS job, j.batchId, j.runId FROM events e LEFT JOIN jobs j ON j.n = e.job
       ${where.length > 0 ? `WHERE ${where.join(" AND ")}` : ""} ORDER BY e.position ${direction} LIMIT ?`,
      ...values, limit + 1,
    ); // prettier-ignore
    return pageOf(rows, limit, (row) => eventId(row.position as number), eventOf);
  }

  lastEventId(): string | undefined {
    const row = this.#one("SELECT max(position) AS position FROM events");
    return typeof row?.position === "number" ? eventId(row.position) : undefined;
  }

  counts(): Tally {
    return tallyOf(this.all("SELECT bucket, count FROM counters WHERE count > 0"));
  }
}

const selectedWorkflow =
  "SELECT w.name, w.version, w.createdAt, h.deletedAt, w.definition FROM workflows w JOIN workflow_heads h ON h.name = w.name";

const eventId = (position: number): string => `evt_${String(position).padStart(15, "0")}`;
/** @throws SwitchyardError `request.invalid` for an id that is no event's */
function positionOf(id: string): number {
  const position = /^evt_(\d{15})$/.exec(id)?.[1];
  if (position !== undefined) return Number(position);
  throw new SwitchyardError("request.invalid", `${id} is not the id of an event.`, {
    faults: [{ path: "after", message: "is not the id of an event" }],
  });
}

const tallyOf = (rows: Row[]): Tally => Object.fromEntries(rows.map(({ bucket, count }) => [bucket, count])) as Tally;

function eventOf(row: Row): StoredEvent {
  const group = typeof row.groupId === "string" && !row.groupId.startsWith("workflow:") ? row.groupId : null;
  return {
    id: eventId(row.position as number),
    seq: row.seq as number,
    type: row.type as StoredEvent["type"],
    at: row.at as number,
    jobId: row.job as string | null,
    batchId: group?.startsWith("bat_") ? group : ((row.batchId ?? null) as string | null),
    runId: group?.startsWith("run_") ? group : ((row.runId ?? null) as string | null),
    data: JSON.parse(row.data as string) as StoredEvent["data"],
  };
}
