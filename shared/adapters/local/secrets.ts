// Secrets from the server's own environment, by names that its operator allowed.

const PREFIX = "env:";

/** Answers the value of `env:NAME`, or null: not allowed, or not set. */
export function environmentSecrets(
  allowed: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): (reference: string) => string | null {
  const names = new Set(allowed);
  return (reference) => {
    const name = reference.startsWith(PREFIX) ? reference.slice(PREFIX.length) : "";
    return names.has(name) ? (environment[name] ?? null) : null;
  };
}
