// What programs ask AWS for without making anything.
import type { Values } from "./graph.ts";
import type { World } from "./monitor.ts";

/** Null if it is none that we know. */
export function answerDataSource({ region, account }: World, token: string, inputs: Values): Values | null {
  switch (token) {
    case "aws:index/getRegion:getRegion":
      return { id: region, name: region, region };
    case "aws:index/getPartition:getPartition":
      return { id: "aws", partition: "aws", dnsSuffix: "amazonaws.com" };
    case "aws:index/getCallerIdentity:getCallerIdentity":
      return { id: account, accountId: account, arn: `arn:aws:iam::${account}:root` };
    case "aws:iam/getPolicyDocument:getPolicyDocument": {
      const json = policyDocument(inputs as unknown as PolicyArguments);
      return { ...inputs, id: "document", json, minifiedJson: json };
    }
    case "aws:route53/getZone:getZone":
      return { ...inputs, id: "ZONE", zoneId: "ZONE" };
    default:
      return null;
  }
}

interface PolicyArguments {
  readonly statements?: readonly {
    readonly sid?: string;
    readonly effect?: string;
    readonly actions?: readonly string[];
    readonly resources?: readonly string[];
    readonly principals?: readonly { readonly type: string; readonly identifiers: readonly string[] }[];
    readonly conditions?: readonly { readonly test: string; readonly variable: string; readonly values: readonly string[] }[];
  }[];
}

const policyDocument = ({ statements = [] }: PolicyArguments): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: statements.map(({ sid, effect = "Allow", actions, resources, principals, conditions = [] }) => ({
      ...(sid && { Sid: sid }),
      Effect: effect,
      Action: actions,
      Resource: resources,
      ...(principals && { Principal: Object.fromEntries(principals.map(({ type, identifiers }) => [type, identifiers])) }),
      ...(conditions.length > 0 && {
        Condition: Object.fromEntries(conditions.map(({ test, variable, values }) => [test, { [variable]: values }])),
      }),
    })),
  });
