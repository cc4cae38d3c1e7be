// The stage's own secrets.
import { SSMClient } from "@aws-sdk/client-ssm";
import { Parameters } from "../shared/adapters/aws/parameters.ts";
import { needed, once, patience } from "./runtime.ts";

export const parameters = once(() => new Parameters(new SSMClient(patience)));

/** What the tokens of attempts are signed with. */
export const attemptKey = (): Promise<string> => parameters().must(`${needed("parameters")}/attempt-key`);
