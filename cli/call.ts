// What a command has in hand: the server, and where to write.
import type { Command } from "commander";
import type { Client } from "../shared/sdk/client.ts";
import { addressOf, type Address, type AddressFlags } from "./address.ts";
import { Screen } from "./output/screen.ts";
import { clientFor } from "./transport.ts";

export interface Call {
  readonly client: Client;
  readonly address: Address;
  /** Raw JSON on `out`, and nothing else. */
  readonly isJson: boolean;
  readonly out: Screen;
  readonly err: Screen;
}

interface GlobalFlags extends AddressFlags {
  readonly json?: boolean;
  readonly curl?: boolean;
}

/** A command as a function of its call, its options and its operands. Errors go up to the one place that prints them. */
export function acting<O, A extends unknown[]>(act: (call: Call, options: O, ...operands: A) => Promise<void>) {
  return async (...given: unknown[]): Promise<void> => {
    const command = given.at(-1) as Command;
    const flags = command.opts<GlobalFlags>();
    const [out, err] = [new Screen(process.stdout, process.env), new Screen(process.stderr, process.env)];
    const address = addressOf(flags, process.env);
    const client = clientFor(address, flags.curl ? (line) => out.line(line) : null);
    await act({ client, address, isJson: flags.json ?? false, out, err }, flags as O, ...(given.slice(0, -2) as A));
  };
}
