import { SwitchyardError } from "../../../domain/errors.ts";

export const unavailable = (why: unknown): SwitchyardError =>
  new SwitchyardError(
    "store.unavailable",
    `The store cannot do that now: ${why instanceof Error ? why.message : String(why)}. Try again.`,
    { cause: why },
  );
