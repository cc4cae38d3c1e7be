import { afterAll, beforeAll, describe } from "vitest";
import { canEmulate } from "../emulator/emulator.ts";
import { openEmulatorPlatform } from "../support/emulator-platform.ts";
import type { OpenPlatform } from "../support/local-platform.ts";
import { conformance } from "./conformance.ts";
import { platformOf } from "./platform.ts";

describe.skipIf(!canEmulate())("deployed", () => {
  let deployed: OpenPlatform;
  beforeAll(async () => {
    deployed = await openEmulatorPlatform();
  });
  afterAll(() => deployed?.close());

  // A job that waits for others takes a tenth of a second of two processors: a thousand of them would be most of the suite's time.
  conformance(platformOf("the AWS emulator", { has: ["function", "secret"], crowd: 1000 }, () => deployed));
});
