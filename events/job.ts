// Facts about one job. Exactly one of completed, failed and cancelled ends each life; a retry by hand begins another.
import * as z from "zod";
import { defineEvent, JobErrorSchema, nothing } from "./common.ts";

const attempt = { attemptId: z.string(), attempt: z.int() };
const anAttempt = { attemptId: "att_01K0000000000000000000000A", attempt: 1 };
const anError = { code: "function.threw", message: "no such table: flights", retryable: true };

export const jobEvents = [
  defineEvent("job.created", "accepted, with the state it rests in", z.object({ state: z.string() }), { state: "queued" }),
  defineEvent("job.blocked", "waits for dependencies again", nothing, {}),
  defineEvent(
    "job.delayed",
    "waits for a point in time",
    z.object({ until: z.iso.datetime(), why: z.enum(["retry", "loss", "delay", "runAt"]) }),
    { until: "2026-01-01T00:00:05.000Z", why: "retry" },
  ),
  defineEvent("job.queued", "waits for its turn after another state", nothing, {}),
  defineEvent("job.starting", "turn granted, executor silent", z.object(attempt), anAttempt),
  defineEvent("job.started", "an attempt runs", z.object({ ...attempt, executor: z.string() }), {
    ...anAttempt,
    executor: "node",
  }),
  defineEvent("job.paused", "waits until it is resumed", z.object({ from: z.string() }), { from: "queued" }),
  defineEvent("job.resumed", "goes on where it was paused", z.object({ to: z.string() }), { to: "queued" }),
  defineEvent("job.cancel_requested", "its attempt is being stopped", nothing, {}),
  defineEvent("job.retried", "begins another life by hand", nothing, {}),
  defineEvent("job.repaired", "recovery put something right", z.object({ problem: z.string(), action: z.string() }), {
    problem: "due 40 s ago and still delayed",
    action: "queued",
  }),
  defineEvent("job.completed", "ended well", z.object({ attempt: z.int(), exitCode: z.int().optional() }), { attempt: 1 }),
  defineEvent("job.failed", "ended badly", z.object({ attempt: z.int(), error: JobErrorSchema }), {
    attempt: 3,
    error: anError,
  }),
  defineEvent("job.cancelled", "ended by a wish or for want of a dependency", z.object({ reason: z.string(), message: z.string() }), {
    reason: "cancelled_by_user",
    message: "Cancelled by a user.",
  }),
  defineEvent(
    "attempt.failed",
    "one try failed",
    z.object({ ...attempt, error: JobErrorSchema, willRetry: z.boolean(), exitCode: z.int().optional() }),
    { ...anAttempt, error: anError, willRetry: true },
  ),
  defineEvent(
    "attempt.lost",
    "one try vanished with its infrastructure",
    z.object({ ...attempt, reason: z.string(), willRestart: z.boolean() }),
    {
      ...anAttempt,
      reason: "The server was restarted.",
      willRestart: true,
    },
  ),
] as const;
