// What is known of the functions of a jobs folder without running them.
import type { FunctionInfo, Functions } from "../../../ports/functions.ts";

export interface BundledFunction extends FunctionInfo {
  /** Relative to the jobs folder. */
  readonly file: string;
  /** Of the bundle's content: another version of the function has another. */
  readonly hash: string;
  /** The bundle's path. */
  readonly bundle: string;
}

/** Where the executor looks up its functions. */
export interface BundledFunctions extends Functions {
  get(name: string): BundledFunction | undefined;
  functions(): readonly BundledFunction[];
}

/** Why a file of the jobs folder gives no function. */
export interface FunctionProblem {
  /** Relative to the jobs folder. */
  readonly file: string;
  readonly message: string;
}
