// Who may call: a token, and neither a foreign page nor a foreign name of this machine (DNS rebinding, drive-by).
import { timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { SwitchyardError } from "../domain/errors.ts";

export interface Access {
  /** Whether a bearer opens the API. */
  readonly opens: (bearer: string) => boolean | Promise<boolean>;
  /** Where the token is found, as a sentence's end. */
  readonly tokenPlace: string;
  /** Host names under which the server may be called, ports do not matter; null = whatever name leads here from the Internet. */
  readonly hosts: readonly string[] | null;
}

/** Comparing takes the same time wherever two tokens differ; only their length may be told from it. */
export function onlyToken(token: string): Access["opens"] {
  const wanted = Buffer.from(token);
  return (bearer) => {
    const given = Buffer.from(bearer);
    return given.length === wanted.length && timingSafeEqual(given, wanted);
  };
}

/** Of a server on this machine. */
export const tokenAccess = (token: string, hosts: readonly string[]): Access => ({
  opens: onlyToken(token),
  tokenPlace: "in the file token of the server's data folder",
  hosts,
});

const openPaths = new Set(["/", "/v1/health", "/docs", "/openapi.json"]);
/** These check a token of their own, which opens one attempt's routes only. */
const ATTEMPT_ROUTES = "/v1/attempts/";

export function guard(access: Access): MiddlewareHandler {
  const allowed = access.hosts && new Set(access.hosts.map((host) => host.toLowerCase()));
  return async (c, next) => {
    const host = nameOf(c.req.header("host") ?? "");
    if (allowed && !allowed.has(host)) {
      throw new SwitchyardError(
        "request.foreign_origin",
        `This server does not answer to the name ${host || "(none)"}; call it as ${access.hosts![0]}.`,
      );
    }
    const origin = c.req.header("origin");
    const isOwn = (name: string): boolean => allowed?.has(name) ?? name === host;
    if (origin !== undefined && !(URL.canParse(origin) && isOwn(new URL(origin).hostname))) {
      throw new SwitchyardError("request.foreign_origin", `Pages of ${origin} may not call this server.`);
    }
    if (!openPaths.has(c.req.path) && !c.req.path.startsWith(ATTEMPT_ROUTES)) await checkToken(c.req.header("authorization"), access);
    return next();
  };
}

export const bearerOf = (header: string | undefined): string | null => /^Bearer\s+(\S+)$/i.exec(header ?? "")?.[1] ?? null;

async function checkToken(header: string | undefined, { opens, tokenPlace }: Access): Promise<void> {
  if (header === undefined)
    throw new SwitchyardError("auth.missing", `Send the header authorization: Bearer TOKEN; the token is ${tokenPlace}.`);
  if (!(await opens(bearerOf(header) ?? ""))) throw new SwitchyardError("auth.invalid", "This token is not the server's.");
}

const nameOf = (host: string): string => host.replace(/:\d+$/, "").toLowerCase();
