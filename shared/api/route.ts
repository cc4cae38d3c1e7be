// How a route is declared: once, for the router and for the document. The input is checked before the handler sees it.
import type { Context as HonoContext, Hono } from "hono";
import * as z from "zod";
import type { Context } from "../engine/context.ts";
import { readBody } from "./body.ts";
import type { Described } from "./document.ts";
import { parsed } from "./faults.ts";

export interface Handled<P, Q, B> {
  readonly context: Context;
  readonly params: P;
  readonly query: Q;
  readonly body: B;
  readonly request: Request;
  readonly header: (name: string) => string | undefined;
  readonly c: HonoContext;
}

export interface Route<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType> {
  readonly method: "get" | "post" | "put" | "delete";
  /** As in the document: `/v1/jobs/{id}`; `{path*}` takes slashes too. */
  readonly path: string;
  readonly summary: string;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  /** The body may be left out. */
  readonly isBodyOptional?: boolean;
  readonly answers: Readonly<Record<number, { readonly description: string; readonly schema?: z.ZodType; readonly type?: string }>>;
  readonly handle: (input: Handled<z.output<P>, z.output<Q>, z.output<B>>) => Promise<Response> | Response;
}

const nothing = z.strictObject({});

export type Register = <
  P extends z.ZodObject = typeof nothing,
  Q extends z.ZodObject = typeof nothing,
  B extends z.ZodType = z.ZodUndefined,
>(
  route: Route<P, Q, B>,
) => void;

/** As the router writes it. */
export const routerPath = (path: string): string => path.replace(/\{(\w+)\*\}/, ":$1{.+}").replaceAll(/\{(\w+)\}/g, ":$1");

export function registrar(app: Hono, context: Context, described: Described[]): Register {
  return (route) => {
    described.push(route as never);
    app.on(route.method.toUpperCase(), routerPath(route.path), async (c) => {
      const params = parsed(route.params ?? nothing, c.req.param()) as never;
      const query = parsed(route.query ?? nothing, queryOf(c)) as never;
      const given = route.method === "get" ? undefined : await readBody(c.req.raw);
      const body = (
        route.body
          ? parsed(route.body, route.isBodyOptional ? (given ?? {}) : given)
          : parsed(z.undefined({ error: "takes no body" }), given)
      ) as never;
      return route.handle({ context, params, query, body, request: c.req.raw, header: (name) => c.req.header(name), c });
    });
  };
}

/** A parameter that stands once is a string, one that stands again a list. */
function queryOf(c: HonoContext): Record<string, string | string[]> {
  return Object.fromEntries(Object.entries(c.req.queries()).map(([name, values]) => [name, values.length === 1 ? values[0]! : values]));
}

export const answer = (value: unknown, status = 200): Response =>
  new Response(JSON.stringify(value), { status, headers: { "content-type": "application/json" } });

/** Text that is JSON already. */
export const answerText = (text: string, status = 200): Response =>
  new Response(text, { status, headers: { "content-type": "application/json" } });
