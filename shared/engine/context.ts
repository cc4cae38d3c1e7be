// What every verb of the engine works with.
import type { Handover } from "../ports/handover.ts";
import type { LocalPlatform, Platform } from "../ports/platform.ts";
import type { Committed } from "../ports/store.ts";
import type { Attempts } from "./attempts.ts";
import type { ParamsCheck } from "./params-check.ts";
import type { Signals } from "./signals.ts";

export interface Context {
  readonly platform: Platform;
  readonly store: Platform["store"];
  /** The attempts that this process has in hand. */
  readonly attempts: Attempts;
  readonly signals: Signals;
  readonly checkParams: ParamsCheck;
  readonly now: () => number;
  /** What follows from a write in which something ended. Returns at once. */
  readonly follow: (answer: Committed & { ok: true }) => void;
  /** Tells the pump that jobs came to wait in these lanes. */
  readonly wakeLanes: (lanes: readonly string[]) => void;
  /** Tells the timer that the job has to be looked at then. */
  readonly wakeAt: (at: number, job: string) => void;
  /** Where granted turns go; null = this process begins them itself. */
  readonly handover: Handover | null;
  /** How long a request may be kept waiting here; null = as long as its caller likes. */
  readonly requestMsMax: number | null;
  isDraining: boolean;
}

export interface LocalContext extends Context {
  readonly platform: LocalPlatform;
  readonly handover: null;
}
