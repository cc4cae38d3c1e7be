import { readFileSync } from "node:fs";
import { inject } from "vitest";
import type { Evaluation } from "../graph-harness/graph.ts";
import { GraphView } from "../graph-harness/view.ts";

export const stages = ["dev", "staging", "production"] as const;

/** A switchyard.aws.json in which everything is chosen. */
export const everyChoice = {
  domain: { name: "jobs.example.com", certificate: "arn:aws:acm:eu-west-1:123456789012:certificate/one" },
  cors: ["https://example.com"],
  jwt: { issuer: "https://issuer.example.com", audience: "switchyard" },
  vpc: { subnets: ["subnet-1"], securityGroups: ["sg-1"] },
  quotas: { concurrency: { low: 2, critical: 300 }, reserved: { api: 7 }, requestsPerSecond: 11, requestBurst: 12 },
  logs: { retentionDays: 7 },
  memory: { api: 2048, jobs: 1024 },
  publish: ["job.failed", "run.*"],
  alarms: { email: "ops@example.com" },
  dashboard: true,
};

export const graphOf = (name: (typeof stages)[number] | "chosen"): GraphView =>
  new GraphView(JSON.parse(readFileSync(inject("evaluations")[name]!, "utf8")) as Evaluation);
