// Cursors come back from users: only such as a list gave may reach a key.
import { SwitchyardError } from "../../../domain/errors.ts";

const shapes = {
  job: /^[0-9A-HJKMNP-TV-Z]{26}$/,
  event: /^evt_[0-7][0-9A-HJKMNP-TV-Z]{25}$/,
  in: /^IN#[OR]#[0-9A-HJKMNP-TV-Z]{26}$/,
  out: /^OUT#[OR]#[0-9A-HJKMNP-TV-Z]{26}$/,
  version: /^\d{1,15}$/,
  position: /^\d{1,9}$/,
} as const;

/** @throws SwitchyardError `request.invalid` for a cursor that is none of ours */
export function refuseForeign(cursor: string | undefined, kind: keyof typeof shapes): void {
  if (cursor === undefined || shapes[kind].test(cursor)) return;
  throw new SwitchyardError("request.invalid", "cursor is not one that this list gave.", {
    faults: [{ path: "cursor", message: "is not a cursor of this list" }],
  });
}
