import { afterAll, beforeAll } from "vitest";
import { openLocalPlatform, type OpenPlatform } from "../support/local-platform.ts";
import { conformance } from "./conformance.ts";
import { platformOf } from "./platform.ts";

let server: OpenPlatform;
beforeAll(async () => {
  server = await openLocalPlatform();
});
afterAll(() => server.close());

conformance(platformOf("a local server", { has: ["function", "script", "secret", "rawBody", "ownName"], crowd: 1000 }, () => server));
