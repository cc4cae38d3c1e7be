import { versionOf, type Envelope } from "../../../../events/envelope.ts";
import type { StoredEvent } from "../../../domain/history.ts";

/** EventBridge takes 256 KB an entry. Only an error's details can be so large: they are left out then, the job has them. */
const DETAIL_BYTES_MAX = 200_000;

export function detailOf({ id, seq, type, at, jobId, batchId, runId, data }: StoredEvent): Envelope {
  const whole: Envelope = {
    id,
    seq,
    type,
    version: versionOf(type),
    at: new Date(at).toISOString(),
    ...(jobId !== null && { jobId }),
    ...(batchId !== null && { batchId }),
    ...(runId !== null && { runId }),
    data: data as Envelope["data"],
  };
  if (Buffer.byteLength(JSON.stringify(data)) <= DETAIL_BYTES_MAX) return whole;
  return { ...whole, data: { ...whole.data, ...withoutDetails(data) } };
}

function withoutDetails(data: StoredEvent["data"]): Envelope["data"] {
  if (!("error" in data)) return {};
  const { details: _details, ...error } = data.error;
  return { error };
}
