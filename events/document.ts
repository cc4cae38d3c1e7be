// The catalogue as a page for users.
import * as z from "zod";
import { catalogue } from "./catalogue.ts";
import { Envelope } from "./envelope.ts";

const head = `# Events

Every change of a job, a batch, a run or a workflow is written together with an event that tells it. Locally they are read at
\`GET /v1/events\` (\`follow=1\` streams them); on AWS they also go out on the stage's EventBridge bus.

On the bus, \`source\` is \`switchyard\`, \`detail-type\` is the event's type and \`detail\` is the event:

`;

const afterEnvelope = `
Delivery is at least once: \`id\` tells the same event from another. Events of one job are ordered by \`seq\`; between jobs there is no order.
Which types are published is an input of the stacks (\`publish\`), because each published event costs money.

A rule of your own, that puts every failed job into an SQS queue: [examples/events/failed-jobs.ts](../examples/events/failed-jobs.ts).

`;

const rowsOf = (schema: z.ZodType): string[] => {
  const { properties = {}, required = [] } = z.toJSONSchema(schema, { io: "output", unrepresentable: "any" }) as {
    properties?: Record<string, { type?: string; description?: string; enum?: string[]; $ref?: string; allOf?: unknown }>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, property]) => {
    const type = property.enum?.map((value) => `\`${value}\``).join(" or ") ?? property.type ?? "object";
    return `| \`${name}\` | ${type}${required.includes(name) ? "" : ", may be absent"} | ${property.description ?? ""} |`;
  });
};

const table = (schema: z.ZodType): string => {
  const rows = rowsOf(schema);
  return rows.length === 0 ? "No data.\n" : ["| field | type | |", "| --- | --- | --- |", ...rows, ""].join("\n");
};

const section = ({ type, version, says, data, example }: (typeof catalogue)[number]): string =>
  `## ${type}\n\nVersion ${version}: ${says}.\n\n${table(data)}\n\`\`\`json\n${JSON.stringify(example, null, 2)}\n\`\`\`\n`;

export const eventsDocument = (): string => `${head}${table(Envelope)}${afterEnvelope}${catalogue.map(section).join("\n")}`;
