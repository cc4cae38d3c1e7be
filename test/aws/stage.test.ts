import { afterAll, beforeAll, describe } from "vitest";
import { canEmulate } from "../emulator/emulator.ts";
import { cli } from "./cli.ts";
import { cost } from "./cost.ts";
import { rule } from "./rule.ts";
import { openStage, type AwsStage } from "./stage.ts";
import { ways } from "./ways.ts";

describe.skipIf(!canEmulate())("on AWS", () => {
  let stage: AwsStage;
  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(() => stage?.close());

  // Each of them alone: costs are counted.
  describe("an attempt", () => ways(() => stage));
  describe("a job", () => cost(() => stage));
  describe("the bus", () => rule(() => stage));
  describe("the CLI", () => cli(() => stage));
});
