// Errors become statuses here and nowhere else (RFC 9457).
import type { ContentfulStatusCode } from "hono/utils/http-status";
import * as z from "zod";
import { SwitchyardError, type ErrorCode } from "../domain/errors.ts";

/** A new code does not compile until it is mapped. */
export const statusOf: Record<ErrorCode, ContentfulStatusCode> = {
  "request.invalid": 400, "request.foreign_origin": 403, "request.wrong_type": 415, "payload.too_large": 413,
  "auth.missing": 401, "auth.invalid": 401, "auth.forbidden": 403,
  "route.not_found": 404, "route.wrong_method": 405,
  "job.not_found": 404, "job.id_taken": 409, "job.wrong_state": 409, "job.not_finished": 409, "result.not_found": 404, "artifact.not_found": 404,
  "attempt.not_found": 404, "attempt.not_current": 409, "outcome.conflict": 409,
  "batch.not_found": 404, "batch.wrong_state": 409, "workflow.not_found": 404, "workflow.invalid": 422, "run.not_found": 404, "run.wrong_state": 409,
  "function.not_found": 404, "function.unknown": 422, "function.invalid_params": 422, "script.not_found": 422, "script.not_runnable": 422,
  "dependency.not_found": 422, "dependency.cycle": 409, "secret.unknown": 422, "executor.unavailable": 422, "executor.impossible": 422,
  "list.too_broad": 422, "idempotency.conflict": 409, "quota.exceeded": 429, "store.unavailable": 503, "server.draining": 503, "server.failed": 500,
}; // prettier-ignore

export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
    requestId: z.string(),
  })
  .meta({ id: "Problem" });

const RETRY_AFTER_SECONDS = "1";

export function problemResponse(error: SwitchyardError, requestId: string, headers: Record<string, string> = {}): Response {
  const status = statusOf[error.code];
  const body: z.infer<typeof Problem> = {
    type: `https://switchyard.dev/errors/${error.code}`,
    title: titleOf(error.code),
    status,
    code: error.code,
    detail: error.message,
    ...(error.faults.length > 0 && { errors: error.faults.map(({ path, message }) => ({ path, message })) }),
    requestId,
  };
  return new Response(JSON.stringify(body), {
    status,
    headers: {
      "content-type": "application/problem+json",
      "x-request-id": requestId,
      ...(status === 503 && { "retry-after": RETRY_AFTER_SECONDS }),
      ...(status === 401 && { "www-authenticate": "Bearer" }),
      ...headers,
    },
  });
}

const titleOf = (code: ErrorCode): string => {
  const text = code.replace(".", ": ").replaceAll("_", " ");
  return text[0]!.toUpperCase() + text.slice(1);
};

/** What is not ours is a bug of ours: it is logged, and the answer tells nothing of it. */
export function asSwitchyardError(error: unknown, requestId: string): SwitchyardError {
  if (error instanceof SwitchyardError) return error;
  console.error(`switchyard: request ${requestId} failed:`, error);
  return new SwitchyardError("server.failed", `Something went wrong in the server; its log tells more under ${requestId}.`, {
    cause: error,
  });
}
