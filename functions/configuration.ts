// What the stacks tell our functions, checked once: a function that lacks something says which.
import * as z from "zod";

const list = (text: string): string[] => text.split(",").filter((part) => part !== "");
const json = <T extends z.ZodType>(shape: T) => z.string().transform((text) => JSON.parse(text) as unknown).pipe(shape); // prettier-ignore

const queueUrls = z.object({ low: z.string(), medium: z.string(), high: z.string(), critical: z.string(), wake: z.string() });

export const Configuration = z.object({
  stage: z.string(),
  table: z.string(),
  bucket: z.string().optional(),
  bus: z.string().optional(),
  queues: json(queueUrls).optional(),
  deadLetters: json(queueUrls).optional(),
  machines: json(z.object({ express: z.string(), standard: z.string() })).optional(),
  apiUrl: z.string().optional(),
  /** Where the stage's secrets lie in the Parameter Store. */
  parameters: z.string().optional(),
  publish: z.string().default("*").transform(list),
  jwt: json(z.object({ issuer: z.string(), audience: z.string() })).optional(),
});
export type Configuration = z.infer<typeof Configuration>;

const variables: Record<keyof Configuration, string> = {
  stage: "SWITCHYARD_STAGE",
  table: "SWITCHYARD_TABLE",
  bucket: "SWITCHYARD_BUCKET",
  bus: "SWITCHYARD_BUS",
  queues: "SWITCHYARD_QUEUES",
  deadLetters: "SWITCHYARD_DEAD_LETTERS",
  machines: "SWITCHYARD_MACHINES",
  apiUrl: "SWITCHYARD_API_URL",
  parameters: "SWITCHYARD_PARAMETERS",
  publish: "SWITCHYARD_PUBLISH",
  jwt: "SWITCHYARD_JWT",
};

export function configurationFrom(environment: Readonly<Record<string, string | undefined>>): Configuration {
  const given = Object.fromEntries(Object.entries(variables).map(([field, name]) => [field, environment[name] || undefined]));
  const parsed = Configuration.safeParse(given);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `${variables[path[0] as keyof Configuration]} ${message}`);
  throw new Error(`the function is not deployed as it must be: ${faults.join("; ")}`);
}
