// Stands before an AWS endpoint and counts what is asked of it, by service and action.
import { createServer, request, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

export interface CountingProxy {
  readonly url: string;
  /** As `DynamoDB PutItem`; S3 by method. Since the last `reset`. */
  readonly counts: ReadonlyMap<string, number>;
  reset(): void;
  close(): Promise<void>;
}

export async function openCountingProxy(target: string): Promise<CountingProxy> {
  const counts = new Map<string, number>();
  const { hostname, port } = new URL(target);
  const server = createServer((asked, answer) => {
    const name = nameOf(asked);
    counts.set(name, (counts.get(name) ?? 0) + 1);
    const onward = request({ hostname, port, method: asked.method, path: asked.url, headers: asked.headers }, (got) => {
      answer.writeHead(got.statusCode ?? 502, got.headers);
      got.pipe(answer);
    });
    onward.on("error", () => answer.writeHead(502).end());
    asked.pipe(onward);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    counts,
    reset: () => counts.clear(),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function nameOf({ headers, method = "", url = "" }: IncomingMessage): string {
  const target = headers["x-amz-target"];
  if (typeof target === "string") return target.replace(/^([A-Za-z]+?)(_\d+)?\.(\w+)$/, "$1 $3");
  return url.includes("/_aws/") ? `API ${method}` : `other ${method}`;
}
