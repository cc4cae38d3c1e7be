// What the caller of a write has to know of it afterwards.
import type { Committed } from "../../../ports/store.ts";

export class Effects {
  readonly queued = new Set<string>();
  readonly ended = new Set<string>();
  readonly unreleased = new Set<string>();
  readonly idleGroups = new Set<string>();

  answer(): Committed & { ok: true } {
    const { queued, ended, unreleased, idleGroups } = this;
    return { ok: true, queued: [...queued], ended: [...ended], unreleased: [...unreleased], idleGroups: [...idleGroups] };
  }
}

export const changed: Committed = { ok: false, because: "changed" };

/** Conflicts in a row after which a writer gives up: more than any crowd makes. */
export const TRIES = 20;
