// Every statement of the hot paths, prepared once per connection.
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { insertedGroup, insertedJob, selectedGroup, selectedJob, updatedJob } from "./rows.ts";

export type Statements = ReturnType<typeof prepareStatements>;

export function prepareStatements(database: DatabaseSync) {
  return { ...transactions(database), ...jobs(database), ...graph(database), ...pools(database), ...groups(database), ...others(database) };
}

const transactions = (database: DatabaseSync) => ({
  begin: database.prepare("BEGIN IMMEDIATE"),
  commit: database.prepare("COMMIT"),
  rollback: database.prepare("ROLLBACK"),
  savepoint: database.prepare("SAVEPOINT change"),
  keepChange: database.prepare("RELEASE change"),
  undoChange: database.prepare("ROLLBACK TO change"),
});

const jobs = (database: DatabaseSync) => ({
  insertJob: database.prepare(`INSERT INTO jobs ${insertedJob} ON CONFLICT (id) DO NOTHING`),
  updateJob: database.prepare(`UPDATE jobs SET ${updatedJob} WHERE n = ?`),
  grantJob: database.prepare(
    "UPDATE jobs SET state = 'starting', attemptId = ?, attempt = ?, leaseUntil = ?, updatedAt = ?, version = ?, eventSeq = ?, wakeAt = NULL WHERE n = ?",
  ),
  /** The fence: nothing is updated if the job is not the version that the decision was made on. */
  updateFenced: database.prepare(`UPDATE jobs SET ${updatedJob} WHERE id = ? AND version = ? RETURNING n, eventSeq`),
  placeOf: database.prepare("SELECT n, state FROM jobs WHERE id = ?"),
  jobById: database.prepare(`SELECT j.n, j.eventSeq, ${selectedJob("j")} FROM jobs j WHERE j.id = ?`),
  jobByN: database.prepare(`SELECT j.n, j.eventSeq, ${selectedJob("j")} FROM jobs j WHERE j.n = ?`),
  bestWaiting: asLists(
    database,
    `
    SELECT ${selectedJob("j")}, j.n, j.eventSeq, b.spec, b.params FROM jobs j INDEXED BY jobs_waiting JOIN bodies b ON b.n = j.n
    WHERE j.lane = ? AND j.state = 'queued' ORDER BY j.priority DESC, j.age, j.n LIMIT ?`,
  ),
  /** Also finds a job that is being submitted and has no body yet. */
  bestForSlots: database.prepare(`
    SELECT j.n, ${selectedJob("j")} FROM jobs j INDEXED BY jobs_waiting
    WHERE j.lane = ? AND j.state = 'queued' ORDER BY j.priority DESC, j.age, j.n LIMIT ?`),
  insertBody: database.prepare("INSERT INTO bodies (n, spec, params) VALUES (?, ?, ?)"),
  putResult: database.prepare("INSERT INTO results (n, result) VALUES (?, ?) ON CONFLICT (n) DO UPDATE SET result = excluded.result"),
  removeResult: database.prepare("DELETE FROM results WHERE n = ?"),
  insertTag: database.prepare("INSERT OR IGNORE INTO tags (tag, n) VALUES (?, ?)"),
  beat: database.prepare("UPDATE jobs SET leaseUntil = ? WHERE id = ? AND attemptId = ? AND state IN ('starting', 'running') RETURNING n"),
  putProgress: database.prepare(
    "INSERT INTO progress (n, progress) VALUES (?, ?) ON CONFLICT (n) DO UPDATE SET progress = excluded.progress",
  ),
  insertEvent: database.prepare("INSERT INTO events (job, groupId, seq, type, at, data) VALUES (?, ?, ?, ?, ?, ?)"),
});

/** Rows as lists: objects are made with every name for every row. */
function asLists(database: DatabaseSync, sql: string): StatementSync {
  const statement = database.prepare(sql);
  statement.setReturnArrays(true);
  return statement;
}

const graph = (database: DatabaseSync) => ({
  insertEdge: database.prepare("INSERT INTO edges (child, parent, condition, pass, label, state) VALUES (?, ?, ?, ?, ?, ?)"),
  openEdgesOut: database.prepare("SELECT child, condition FROM edges INDEXED BY edges_out WHERE parent = ? AND state = 'open' LIMIT ?"),
  hasOpenEdgeOut: database.prepare("SELECT 1 FROM edges INDEXED BY edges_out WHERE parent = ? AND state = 'open' LIMIT 1"),
  resolvedEdgesOut: database.prepare("SELECT child, state FROM edges INDEXED BY edges_out WHERE parent = ? AND state IN ('met', 'unmet')"),
  resolveEdge: database.prepare("UPDATE edges SET state = ? WHERE child = ? AND parent = ?"),
  // The states are written out: a partial index is not used for a parameter.
  hasOpenEdge: database.prepare("SELECT 1 FROM edges INDEXED BY edges_open WHERE child = ? AND state = 'open' LIMIT 1"),
  /** A failure tells more than a branch that was not needed. */
  worstUnmetEdge: database.prepare(`
    SELECT e.condition, p.state, p.id FROM edges e INDEXED BY edges_unmet JOIN jobs p ON p.n = e.parent WHERE e.child = ? AND e.state = 'unmet'
    ORDER BY e.condition = 'failure' AND p.state = 'completed' LIMIT 1`),
  hasUnfinishedChild: database.prepare(`
    SELECT 1 FROM edges e JOIN jobs c ON c.n = e.child WHERE e.parent = ? AND c.finishedAt IS NULL LIMIT 1`),
});

const pools = (database: DatabaseSync) => ({
  createPool: database.prepare("INSERT OR IGNORE INTO pools (key, slots, held) VALUES (?, ?, 0)"),
  poolRoom: database.prepare("SELECT slots - held AS room FROM pools WHERE key = ?"),
  takeSlot: database.prepare("INSERT INTO slots (holder, pool) VALUES (?, ?)"),
  freeSlot: database.prepare("DELETE FROM slots WHERE holder = ?"),
  holdMore: database.prepare("UPDATE pools SET held = held + ? WHERE key = ?"),
  admit: database.prepare("UPDATE jobs SET lane = ?, version = ? WHERE n = ?"),
});

const groups = (database: DatabaseSync) => ({
  insertGroup: database.prepare(`INSERT INTO groups ${insertedGroup}`),
  updateGroup: database.prepare(
    "UPDATE groups SET state = ?, finishedAt = ?, cancelRequestedAt = ?, version = ?, eventSeq = eventSeq + ? WHERE id = ? AND version = ? RETURNING eventSeq",
  ),
  groupById: database.prepare(`SELECT ${selectedGroup} FROM groups WHERE id = ?`),
  countInGroup: database.prepare(
    "INSERT INTO tally (groupId, bucket, count) VALUES (?, ?, ?) ON CONFLICT (groupId, bucket) DO UPDATE SET count = count + excluded.count",
  ),
  openInGroup: database.prepare(
    "SELECT coalesce(sum(count), 0) AS open FROM tally WHERE groupId = ? AND bucket NOT IN ('completed', 'failed', 'cancelled', 'skipped')",
  ),
  count: database.prepare(
    "INSERT INTO counters (bucket, count) VALUES (?, ?) ON CONFLICT (bucket) DO UPDATE SET count = count + excluded.count",
  ),
});

const others = (database: DatabaseSync) => ({
  keyByName: database.prepare("SELECT key, bodyHash, answer, untilMs FROM keys WHERE key = ?"),
  putKey: database.prepare("INSERT OR REPLACE INTO keys (key, bodyHash, answer, untilMs) VALUES (?, ?, ?, ?)"),
  forgetKeys: database.prepare("DELETE FROM keys WHERE key IN (SELECT key FROM keys WHERE untilMs < ? LIMIT ?)"),
  insertWorkflow: database.prepare("INSERT OR IGNORE INTO workflows (name, version, createdAt, definition) VALUES (?, ?, ?, ?)"),
  putWorkflowHead: database.prepare("INSERT OR REPLACE INTO workflow_heads (name, version, deletedAt) VALUES (?, ?, NULL)"),
  removeWorkflow: database.prepare("UPDATE workflow_heads SET deletedAt = ? WHERE name = ? AND deletedAt IS NULL RETURNING version"),
  toPurge: database.prepare("SELECT n, id, batchId, runId, state, endReason FROM jobs WHERE purgeAt <= ? ORDER BY purgeAt LIMIT ?"),
  keepLonger: database.prepare("UPDATE jobs SET purgeAt = ? WHERE n = ?"),
});
