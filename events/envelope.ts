// What goes over the bus: an event as the API shows it, with the version of its shape.
import * as z from "zod";
import { catalogue } from "./catalogue.ts";

export const Envelope = z.object({
  id: z.string().describe("Unique; the same event may come twice"),
  seq: z.int().describe("Counts the events of its job, batch, run or workflow without gaps"),
  type: z.string(),
  version: z.int().describe("Of the shape of `data`"),
  at: z.iso.datetime(),
  jobId: z.string().optional(),
  batchId: z.string().optional(),
  runId: z.string().optional(),
  data: z.record(z.string(), z.json()),
});
export type Envelope = z.infer<typeof Envelope>;

const versions = new Map<string, number>(catalogue.map(({ type, version }) => [type, version]));

export const versionOf = (type: string): number => versions.get(type) ?? 1;
