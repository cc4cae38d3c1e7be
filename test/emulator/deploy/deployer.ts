// How one type of resource is made in the emulator.
import type { Values } from "../../graph-harness/graph.ts";
import type { Made } from "../../graph-harness/monitor.ts";
import type { Clients } from "./clients.ts";

export interface Put {
  readonly id: string;
  /** What is known only now; the inputs are known anyway. */
  readonly outputs?: Values;
}

/** What is there of it already; null = nothing, as far as the last deployment knows. */
export type Previous = Made | null;

export interface Deployer<Inputs = never> {
  /** Makes it, or brings what is there to these inputs. */
  put(inputs: Inputs, clients: Clients, about: { readonly name: string; readonly previous: Previous }): Promise<Put>;
  /** Of a resource that is in the graph no more, or has another id now. Left out where something else takes it along. */
  remove?(made: Made, clients: Clients): Promise<unknown>;
}

/** The inputs of a type as its own deployer knows them. */
export const deployer = <Inputs>(one: Deployer<Inputs>): Deployer => one as unknown as Deployer;

export type Deployers = Readonly<Record<string, Deployer>>;

/** Runs `act`; an error of one of these names means that it is so already. */
export async function unless(errorNames: string, act: Promise<unknown>): Promise<boolean> {
  try {
    await act;
    return true;
  } catch (error) {
    if (errorNames.split(" ").includes((error as Error).name)) return false;
    throw error;
  }
}
