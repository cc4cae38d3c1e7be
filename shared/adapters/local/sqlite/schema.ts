// The tables. A migration is never changed once released: a later one is added.

/*
 * jobs: written by every decision; `n` is the order of acceptance, the key of all other tables.
 * bodies: spec and params, written once. results: written with the end. tags: for lists.
 * edges: `open` until the parent has ended, then `met` or `unmet`. groups, tally: batches and runs with their jobs by state.
 * pools, slots: who holds a place of a concurrency key. progress: the last word of an attempt.
 * events: the outbox and every history; consumers remember the last position they have seen. keys: Idempotency-Key.
 */
const first = `
  CREATE TABLE jobs (
    n INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE, type TEXT NOT NULL, name TEXT, functionName TEXT, executor TEXT NOT NULL, pool TEXT,
    batchId TEXT, runId TEXT, step TEXT, createdAt INTEGER NOT NULL, retry TEXT,
    expiresAt INTEGER, deadlineAt INTEGER, notBefore INTEGER, hasDependencies INTEGER NOT NULL, retentionMs INTEGER NOT NULL,
    state TEXT NOT NULL, pausedFrom TEXT, delayReason TEXT, dueAt INTEGER, priority INTEGER NOT NULL, lane TEXT NOT NULL,
    age INTEGER NOT NULL, attemptId TEXT, attempt INTEGER NOT NULL, failures INTEGER NOT NULL, losses INTEGER NOT NULL,
    lostInStarting INTEGER NOT NULL, leaseUntil INTEGER, queuedAt INTEGER, startedAt INTEGER, finishedAt INTEGER,
    cancelRequestedAt INTEGER, updatedAt INTEGER NOT NULL, error TEXT, endReason TEXT, version INTEGER NOT NULL,
    eventSeq INTEGER NOT NULL, wakeAt INTEGER, purgeAt INTEGER
  ) STRICT;
  -- A lane's own queue: 100,000 jobs that wait in a full lane are never stepped over.
  CREATE INDEX jobs_waiting ON jobs (lane, priority DESC, age, n) WHERE state = 'queued';
  CREATE INDEX jobs_by_state ON jobs (state, n);
  CREATE INDEX jobs_by_function ON jobs (functionName, n) WHERE functionName IS NOT NULL;
  CREATE INDEX jobs_by_name ON jobs (name, n) WHERE name IS NOT NULL;
  CREATE INDEX jobs_by_batch ON jobs (batchId, n) WHERE batchId IS NOT NULL;
  CREATE INDEX jobs_by_run ON jobs (runId, n) WHERE runId IS NOT NULL;
  CREATE INDEX jobs_not_functions ON jobs (type, n) WHERE type <> 'function';
  CREATE INDEX jobs_to_wake ON jobs (wakeAt) WHERE wakeAt IS NOT NULL;
  CREATE INDEX jobs_to_purge ON jobs (purgeAt) WHERE purgeAt IS NOT NULL;

  CREATE TABLE bodies (n INTEGER PRIMARY KEY, spec TEXT NOT NULL, params TEXT NOT NULL) STRICT;
  CREATE TABLE results (n INTEGER PRIMARY KEY, result TEXT NOT NULL) STRICT;
  CREATE TABLE progress (n INTEGER PRIMARY KEY, progress TEXT NOT NULL) STRICT;
  CREATE TABLE tags (tag TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (tag, n)) STRICT, WITHOUT ROWID;
  CREATE INDEX tags_of_job ON tags (n);

  CREATE TABLE edges (
    child INTEGER NOT NULL, parent INTEGER NOT NULL, condition TEXT NOT NULL, pass TEXT NOT NULL, label TEXT, state TEXT NOT NULL,
    PRIMARY KEY (child, parent)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX edges_out ON edges (parent, state, child);
  CREATE INDEX edges_open ON edges (child) WHERE state = 'open';
  CREATE INDEX edges_unmet ON edges (child) WHERE state = 'unmet';

  CREATE TABLE groups (
    n INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, name TEXT, state TEXT NOT NULL, createdAt INTEGER NOT NULL,
    finishedAt INTEGER, cancelRequestedAt INTEGER, jobs INTEGER NOT NULL, tolerate INTEGER NOT NULL, workflowVersion INTEGER,
    params TEXT, onFailureJob TEXT, version INTEGER NOT NULL, eventSeq INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX groups_by_kind ON groups (kind, n);
  CREATE INDEX groups_by_name ON groups (kind, name, n);
  CREATE INDEX groups_open ON groups (n) WHERE finishedAt IS NULL;
  CREATE TABLE tally (
    groupId TEXT NOT NULL, bucket TEXT NOT NULL, count INTEGER NOT NULL, PRIMARY KEY (groupId, bucket)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE counters (bucket TEXT PRIMARY KEY, count INTEGER NOT NULL) STRICT, WITHOUT ROWID;

  CREATE TABLE pools (key TEXT PRIMARY KEY, slots INTEGER NOT NULL, held INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE slots (holder INTEGER PRIMARY KEY, pool TEXT NOT NULL) STRICT;

  CREATE TABLE events (
    position INTEGER PRIMARY KEY AUTOINCREMENT, job INTEGER, groupId TEXT, seq INTEGER NOT NULL, type TEXT NOT NULL, at INTEGER NOT NULL, data TEXT NOT NULL
  ) STRICT;
  CREATE UNIQUE INDEX events_of_job ON events (job, seq) WHERE job IS NOT NULL;
  CREATE UNIQUE INDEX events_of_group ON events (groupId, seq) WHERE groupId IS NOT NULL;

  CREATE TABLE workflows (
    name TEXT NOT NULL, version INTEGER NOT NULL, createdAt INTEGER NOT NULL, definition TEXT NOT NULL, PRIMARY KEY (name, version)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE workflow_heads (name TEXT PRIMARY KEY, version INTEGER NOT NULL, deletedAt INTEGER) STRICT, WITHOUT ROWID;
  CREATE TABLE keys (key TEXT PRIMARY KEY, bodyHash TEXT NOT NULL, answer TEXT NOT NULL, untilMs INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX keys_by_end ON keys (untilMs);
`;

export const migrations: readonly string[] = [first];
