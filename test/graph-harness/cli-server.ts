// What SST's components ask of the sst command while they are evaluated: an answer for each call, over HTTP as there.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { resolve } from "node:path";
import type { Handlers } from "./handlers.ts";
import { root } from "./places.ts";

/** `Runtime.Build`, as stacks ask for it; `bundle` is a folder that was built before. */
interface BuildCall {
  readonly functionID: string;
  readonly handler: string;
  readonly bundle?: string;
}

interface CliServer {
  /** By Lambda. */
  readonly handlers: Record<string, string>;
}

/** Where SST would keep code; the name of a bucket. */
export const assetBucket = (region: string): string => `sst-asset-${region}`;

export async function startCliServer(build: Handlers, account: string): Promise<CliServer> {
  const handlers: Record<string, string> = {};
  const calls: Record<string, (asked: never) => unknown> = {
    "Provider.Aws.Bootstrap": ({ region }: { region: string }) => ({
      version: 1,
      asset: assetBucket(region),
      assetEcrRegistryId: account,
      assetEcrUrl: `${account}.dkr.ecr.${region}.amazonaws.com/sst-asset`,
      state: "sst-state",
      appsyncHttp: "",
      appsyncRealtime: "",
    }),
    "Runtime.Build": async ({ functionID, handler, bundle }: BuildCall) => {
      handlers[functionID] = handler;
      const built = bundle === undefined ? await build(handler) : { handler, out: resolve(root, bundle), errors: [] };
      return { ...built, sourcemaps: [] };
    },
  };
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const { method, params } = JSON.parse(Buffer.concat(chunks).toString()) as { method: string; params: never[] };
      const call = calls[method];
      const answer = call ? Promise.resolve(call(params[0] as never)) : Promise.reject(new Error(`rpc: can't find method ${method}`));
      // An idle connection would keep the evaluation from being seen to have ended.
      response.setHeader("connection", "close");
      answer.then(
        (result) => response.end(JSON.stringify({ id: 0, result, error: null })),
        (error: unknown) =>
          response.end(JSON.stringify({ id: 0, result: null, error: String(error instanceof Error ? error.message : error) })),
      );
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  server.unref();
  process.env.SST_SERVER = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { handlers };
}
