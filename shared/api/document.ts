// The OpenAPI document, from the same schemas that check the requests.
import * as z from "zod";
import { Problem } from "./problem.ts";

type JsonSchema = Record<string, unknown>;

export interface Described {
  readonly method: string;
  readonly path: string;
  readonly summary: string;
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly body?: z.ZodType;
  readonly isBodyOptional?: boolean;
  readonly answers: Readonly<Record<number, { readonly description: string; readonly schema?: z.ZodType; readonly type?: string }>>;
}

/** A value of any shape: the only schema that refers to itself. */
const ANY_JSON = "Json";
const openPaths: readonly string[] = ["/v1/health"];

export function openApiDocument(routes: readonly Described[], version: string): JsonSchema {
  const schemas: Record<string, JsonSchema> = {};
  const shown = (schema: z.ZodType, io: "input" | "output"): JsonSchema => lifted(schema, io, schemas);
  const paths: Record<string, Record<string, JsonSchema>> = {};
  for (const route of routes) {
    const path = route.path.replace("*}", "}");
    paths[path] = { ...paths[path], [route.method]: operation(route, shown) };
  }
  return {
    openapi: "3.1.0",
    info: { title: "Switchyard", version, description: "Submit, watch and steer jobs, batches and workflow runs." },
    security: [{ token: [] }],
    paths,
    components: { securitySchemes: { token: { type: "http", scheme: "bearer" } }, schemas },
  };
}

type Show = (schema: z.ZodType, io: "input" | "output") => JsonSchema;

function operation(route: Described, shown: Show): JsonSchema {
  const { path, summary, params, query, body, isBodyOptional, answers } = route;
  const content = (schema: JsonSchema, type = "application/json") => ({ [type]: { schema } });
  return {
    summary,
    tags: [path.split("/")[2] ?? "server"],
    ...(openPaths.includes(path) && { security: [] }),
    parameters: [...parameters("path", params, shown), ...parameters("query", query, shown)],
    ...(body && { requestBody: { required: !isBodyOptional, content: content(shown(body, "input")) } }),
    responses: {
      ...Object.fromEntries(
        Object.entries(answers).map(([status, { description, schema, type }]) => {
          const told = schema ? content(shown(schema, "output"), type) : type ? content({ type: "string" }, type) : undefined;
          return [status, { description, ...(told && { content: told }) }];
        }),
      ),
      default: { description: "A problem, as RFC 9457 tells it", content: content(shown(Problem, "output"), "application/problem+json") },
    },
  };
}

function parameters(place: "path" | "query", schema: z.ZodObject | undefined, shown: Show): JsonSchema[] {
  if (!schema) return [];
  const { properties = {}, required = [] } = shown(schema, "input") as { properties?: Record<string, JsonSchema>; required?: string[] };
  return Object.entries(properties).map(([name, inner]) => ({
    name,
    in: place,
    required: place === "path" || required.includes(name),
    schema: inner,
  }));
}

/** Schemas with a name of their own become components, and are referred to. */
function lifted(schema: z.ZodType, io: "input" | "output", schemas: Record<string, JsonSchema>): JsonSchema {
  const {
    $schema: _,
    $defs = {},
    ...own
  } = z.toJSONSchema(schema, { io, unrepresentable: "any" }) as JsonSchema & { $defs?: Record<string, JsonSchema> };
  for (const [name, definition] of Object.entries($defs)) schemas[nameOf(name)] ??= rewritten(definition) as JsonSchema;
  const name = schema.meta()?.id;
  if (typeof name !== "string") return rewritten(own) as JsonSchema;
  schemas[name] ??= rewritten(own) as JsonSchema;
  return { $ref: `#/components/schemas/${name}` };
}

const nameOf = (definition: string): string => (definition.startsWith("__schema") ? ANY_JSON : definition);

function rewritten(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(rewritten);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => !(key === "id" && typeof inner === "string"))
      .map(([key, inner]) => [
        key,
        key === "$ref" && typeof inner === "string"
          ? inner.replace(/^#\/\$defs\/(.+)$/, (_all, name: string) => `#/components/schemas/${nameOf(name)}`)
          : rewritten(inner),
      ]),
  );
}
