// The HTTP API as a function of the engine: tests call `app.request`, servers serve `app.fetch`.
import { Hono } from "hono";
import { SwitchyardError } from "../domain/errors.ts";
import { newId } from "../domain/ids.ts";
import type { Context } from "../engine/context.ts";
import { attemptRoutes, type AttemptAccess } from "./attempts.ts";
import { batchRoutes } from "./batches.ts";
import { catalogueRoutes } from "./catalogue.ts";
import { docsPage } from "./docs.ts";
import { openApiDocument, type Described } from "./document.ts";
import { eventRoutes } from "./events.ts";
import { jobReadRoutes } from "./job-reads.ts";
import { oneJobRoutes } from "./job.ts";
import { jobRoutes } from "./jobs.ts";
import { logRoutes } from "./logs.ts";
import { asSwitchyardError, problemResponse } from "./problem.ts";
import { registrar, routerPath } from "./route.ts";
import { runRoutes } from "./runs.ts";
import { guard, type Access } from "./security.ts";
import { serverRoutes } from "./server.ts";
import { workflowRoutes } from "./workflows.ts";

export interface ApiOptions {
  readonly context: Context;
  readonly version: string;
  readonly access: Access;
  /** For attempts that run elsewhere; without it they have no routes. */
  readonly attempts?: AttemptAccess;
}

export function createApi({ context, version, access, attempts }: ApiOptions): Hono {
  const app = new Hono();
  const described: Described[] = [];
  app.use(guard(access));
  const register = registrar(app, context, described);
  for (const routes of [
    jobRoutes,
    oneJobRoutes,
    jobReadRoutes,
    logRoutes,
    batchRoutes,
    workflowRoutes,
    runRoutes,
    eventRoutes,
    catalogueRoutes,
  ])
    routes(register);
  serverRoutes(register, version);
  if (attempts) attemptRoutes(register, attempts);
  let document: object | undefined;
  app.get("/openapi.json", (c) => c.json((document ??= openApiDocument(described, version))));
  app.get("/docs", (c) => c.html(docsPage));
  app.get("/", (c) => c.redirect("/docs"));
  wrongMethods(app, described);
  app.notFound((c) =>
    problemResponse(
      new SwitchyardError("route.not_found", `There is no ${c.req.method} ${c.req.path}; GET /docs lists what there is.`),
      newId("request"),
    ),
  );
  app.onError((error) => {
    const requestId = newId("request");
    return problemResponse(asSwitchyardError(error, requestId), requestId);
  });
  return app;
}

/** Behind the real routes: a known address called by a wrong method says so. */
function wrongMethods(app: Hono, described: readonly Described[]): void {
  for (const [path, routes] of Map.groupBy(described, (route) => routerPath(route.path))) {
    const allowed = routes.map(({ method }) => method.toUpperCase());
    app.all(path, (c) => {
      const error = new SwitchyardError("route.wrong_method", `${c.req.path} takes ${allowed.join(" and ")}, not ${c.req.method}.`);
      return problemResponse(error, newId("request"), { allow: allowed.join(", ") });
    });
  }
}
