import { afterAll, beforeAll, describe } from "vitest";
import { canEmulate, openEmulatorPlatform } from "../support/emulator-platform.ts";
import type { OpenPlatform } from "../support/local-platform.ts";
import { conformance } from "./conformance.ts";
import { platformOf } from "./platform.ts";

describe.skipIf(!canEmulate())("deployed", () => {
  let deployed: OpenPlatform;
  beforeAll(async () => {
    deployed = await openEmulatorPlatform();
  });
  afterAll(() => deployed?.close());

  conformance(platformOf("the AWS emulator", ["function", "secret"], () => deployed));
});
