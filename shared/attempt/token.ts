// A token that opens one attempt's routes and nothing else. It is not stored: whoever holds the key can check it.
import { createHmac, timingSafeEqual } from "node:crypto";

const PREFIX = "swa_";

export interface AttemptGrant {
  readonly job: string;
  readonly attemptId: string;
  /** ms since 1970; not accepted afterwards. */
  readonly until: number;
}

const signatureOf = (key: string, payload: string): Buffer => createHmac("sha256", key).update(payload).digest();

export function attemptToken(key: string, { job, attemptId, until }: AttemptGrant): string {
  const payload = Buffer.from(JSON.stringify([job, attemptId, until])).toString("base64url");
  return `${PREFIX}${payload}.${signatureOf(key, payload).toString("base64url")}`;
}

/** Null for whatever this key did not sign, and for what is over. */
export function readAttemptToken(key: string, token: string, now: number): AttemptGrant | null {
  const [payload, signature, more] = token.startsWith(PREFIX) ? token.slice(PREFIX.length).split(".") : [];
  if (!payload || !signature || more !== undefined) return null;
  const given = Buffer.from(signature, "base64url");
  const wanted = signatureOf(key, payload);
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return null;
  const [job, attemptId, until] = JSON.parse(Buffer.from(payload, "base64url").toString()) as [string, string, number];
  return until < now ? null : { job, attemptId, until };
}
