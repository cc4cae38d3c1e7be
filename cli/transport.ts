// The SDK's client with the manners of a command line: refusals and silence become errors with an exit code; `--curl` only prints.
import { Client } from "../shared/sdk/client.ts";
import type { Address } from "./address.ts";
import { curlOf } from "./curl.ts";
import { Printed, refused, unreachable, type Problem } from "./errors.ts";

export function clientFor({ url, token }: Address, printRequest: ((line: string) => void) | null): Client {
  const fetchAnswer = (request: Request): Promise<Response> => (printRequest ? printed(request, printRequest) : answered(request, url));
  return new Client({ url, ...(token !== undefined && { token }), fetch: fetchAnswer });
}

async function answered(request: Request, url: string): Promise<Response> {
  const response = await fetch(request).catch((error: unknown) => {
    throw unreachable(url, error);
  });
  if (response.status >= 400) throw refused(problemOf(await response.text(), response.status, url));
  const isPage = response.headers.get("content-type")?.startsWith("text/html") && !request.url.includes("/artifacts/");
  if (isPage) throw refused({ code: "server.failed", detail: `What answers at ${url} is not a Switchyard server.` });
  return response;
}

function problemOf(text: string, status: number, url: string): Problem {
  try {
    const problem = JSON.parse(text) as Partial<Problem>;
    if (typeof problem.code === "string" && typeof problem.detail === "string")
      return { ...problem, code: problem.code, detail: problem.detail };
  } catch {
    // Not JSON: something else than a Switchyard server, or something between.
  }
  return { status, code: "server.failed", detail: `${url} answered ${status} without saying why. Is it a Switchyard server?` };
}

async function printed(request: Request, print: (line: string) => void): Promise<never> {
  const headers = Object.fromEntries([...request.headers].filter(([name]) => name !== "host" && name !== "authorization"));
  print(curlOf({ method: request.method, url: request.url, headers, body: await request.text() }));
  throw new Printed();
}
