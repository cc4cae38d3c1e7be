// Secrets that jobs may use: parameters below a path of the stage's own, so that no job reads what was not put there for jobs.
import type { Secrets } from "../../ports/platform.ts";
import type { Parameters } from "./parameters.ts";

const KIND = "ssm:";

/** `prefix` as `/switchyard/production/secrets`. */
export function parameterSecrets(parameters: Parameters, prefix: string): Secrets {
  const nameIn = (reference: string): string | null => {
    const name = reference.startsWith(KIND) ? reference.slice(KIND.length) : "";
    return name.startsWith(`${prefix}/`) && /^[A-Za-z0-9_./-]+$/.test(name) && !name.includes("..") ? name : null;
  };
  return {
    refusal: (reference) =>
      nameIn(reference) === null ? `is not a secret that jobs may use here; put it at ssm:${prefix}/NAME in the Parameter Store` : null,
    read: (reference) => {
      const name = nameIn(reference);
      return name === null ? null : parameters.read(name);
    },
  };
}
