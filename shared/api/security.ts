// Who may call: a token, and neither a foreign page nor a foreign name of this machine (DNS rebinding, drive-by).
import { timingSafeEqual } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { SwitchyardError } from "../domain/errors.ts";

export interface Access {
  readonly token: string;
  /** Host names under which the server may be called; ports do not matter. */
  readonly hosts: readonly string[];
}

const openPaths = new Set(["/", "/v1/health", "/docs", "/openapi.json"]);

export function guard({ token, hosts }: Access): MiddlewareHandler {
  const wanted = Buffer.from(token);
  const allowed = new Set(hosts.map((host) => host.toLowerCase()));
  return async (c, next) => {
    const host = nameOf(c.req.header("host") ?? "");
    if (!allowed.has(host)) {
      throw new SwitchyardError(
        "request.foreign_origin",
        `This server does not answer to the name ${host || "(none)"}; call it as ${hosts[0]}.`,
      );
    }
    const origin = c.req.header("origin");
    if (origin !== undefined && !(URL.canParse(origin) && allowed.has(new URL(origin).hostname))) {
      throw new SwitchyardError("request.foreign_origin", `Pages of ${origin} may not call this server.`);
    }
    if (!openPaths.has(c.req.path)) checkToken(c.req.header("authorization"), wanted);
    return next();
  };
}

function checkToken(header: string | undefined, wanted: Buffer): void {
  if (header === undefined) {
    throw new SwitchyardError(
      "auth.missing",
      "Send the header authorization: Bearer TOKEN; the token is in the file token of the server's data folder.",
    );
  }
  const given = /^Bearer\s+(\S+)$/i.exec(header)?.[1];
  const bytes = Buffer.from(given ?? "");
  // Comparing takes the same time wherever two tokens differ; only their length may be told from it.
  if (bytes.length !== wanted.length || !timingSafeEqual(bytes, wanted))
    throw new SwitchyardError("auth.invalid", "This token is not the server's.");
}

const nameOf = (host: string): string => host.replace(/:\d+$/, "").toLowerCase();
