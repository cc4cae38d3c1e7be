// The HTTP API behind API Gateway.
import type { APIGatewayProxyEventV2, APIGatewayProxyResultV2, Context } from "aws-lambda";
import { handle } from "hono/aws-lambda";
import { bearerOpens } from "../shared/adapters/aws/bearer.ts";
import { encodedPath } from "../shared/adapters/aws/http-path.ts";
import { parameterSecrets } from "../shared/adapters/aws/secrets.ts";
import { createApi } from "../shared/api/create-api.ts";
import { readAttemptToken } from "../shared/attempt/token.ts";
import { paramsCheck } from "../shared/engine/params-check.ts";
import { deployedFunctions } from "./catalogue.ts";
import { attemptKey, parameters } from "./parameters.ts";
import { configuration, engine, needed } from "./runtime.ts";
import packageJson from "../package.json" with { type: "json" };

const prefix = needed("parameters");
const tokenName = `${prefix}/token`;
const context = engine({
  catalogue: deployedFunctions(),
  secrets: parameterSecrets(parameters(), `${prefix}/secrets`),
  checkParams: paramsCheck(),
});
const { jwt } = configuration();
const opens = bearerOpens({ token: () => parameters().must(tokenName), ...(jwt && { jwt }) });
const app = createApi({
  context,
  version: packageJson.version,
  access: { opens, tokenPlace: `in the Parameter Store at ${tokenName}`, hosts: null },
  attempts: { context, read: async (token) => readAttemptToken(await attemptKey(), token, Date.now()) },
});
const answer = handle(app);

export async function handler(event: APIGatewayProxyEventV2, lambda: Context): Promise<APIGatewayProxyResultV2> {
  const response = await answer({ ...event, rawPath: encodedPath(event.rawPath) } as never, lambda as never);
  // What follows from a request is done before the process rests: nobody knows when it wakes.
  await context.settled();
  return response;
}
