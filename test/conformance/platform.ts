// A place to run jobs, and how a promise is checked there: over HTTP alone, beside whatever else is on the server.
import { test } from "vitest";
import { Api, type Reached } from "./api.ts";
import type { Feature } from "./differences.ts";

export interface Traits {
  readonly has: readonly Feature[];
  /** How many jobs of one batch it bears beside the rest of the suite: shown in the names of the cases that need many. */
  readonly crowd: number;
}

export interface Platform {
  readonly name: string;
  readonly crowd: number;
  /** Declares a case. One that needs what this platform lacks is left out by name. */
  readonly promise: (name: string, demands: Demands, check: (api: Api) => Promise<void>) => void;
}

export interface Demands {
  readonly needs?: readonly Feature[];
}

/** `reached` is asked when the first case runs: a platform may be opened after its cases were declared. */
export function platformOf(name: string, { has, crowd }: Traits, reached: () => Reached): Platform {
  return {
    name,
    crowd,
    promise: (promised, { needs = [] }, check) => {
      const missing = needs.filter((feature) => !has.includes(feature));
      const why = missing.length === 0 ? "" : ` (left out: needs ${missing.join(", ")})`;
      test.skipIf(missing.length > 0)(promised + why, { concurrent: true }, () => check(new Api(reached())));
    },
  };
}
