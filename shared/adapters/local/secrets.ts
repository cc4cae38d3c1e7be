// Secrets from the server's own environment, by names that its operator allowed.

import type { Secrets } from "../../ports/platform.ts";

const PREFIX = "env:";

/** `env:NAME` of the allowed names. */
export function environmentSecrets(allowed: readonly string[], environment: Readonly<Record<string, string | undefined>>): Secrets {
  const names = new Set(allowed);
  const read = (reference: string): string | null => {
    const name = reference.startsWith(PREFIX) ? reference.slice(PREFIX.length) : "";
    return names.has(name) ? (environment[name] ?? null) : null;
  };
  const refused = "is not a secret that this server may use; start it with --secret-env NAME and the variable set";
  return { read, refusal: (reference) => (read(reference) === null ? refused : null) };
}
