// A server that runs somewhere, by SWITCHYARD_URL and SWITCHYARD_TOKEN: a real account, say.
import { Api, type Reached } from "../conformance/api.ts";
import type { Feature } from "../conformance/differences.ts";

export interface RemotePlatform {
  readonly reached: Reached;
  readonly has: readonly Feature[];
}

interface Named {
  readonly items: readonly { readonly name: string; readonly types?: readonly string[] }[];
}

/** Function jobs need test/support/jobs deployed there; what secrets it has nobody can tell. */
export async function openRemotePlatform(): Promise<RemotePlatform> {
  const { SWITCHYARD_URL: url, SWITCHYARD_TOKEN: token } = process.env;
  if (!url || !token) throw new Error("SWITCHYARD_URL and SWITCHYARD_TOKEN say which server is meant; one of them is not set");
  const reached: Reached = { url: url.replace(/\/$/, ""), token, waitSeconds: 5 };
  const api = new Api(reached);
  const [executors, functions] = await Promise.all([api.get<Named>("/v1/executors"), api.get<Named>("/v1/functions")]);
  const runs = (type: string): boolean => executors.items.some(({ types }) => types?.includes(type));
  const hasTestJobs = ["echo", "chatty", "saver"].every((name) => functions.items.some((found) => found.name === name));
  return { reached, has: [...(hasTestJobs ? (["function"] as const) : []), ...(runs("script") ? (["script"] as const) : [])] };
}
