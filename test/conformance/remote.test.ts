// Against any server: SWITCHYARD_URL=… SWITCHYARD_TOKEN=… vitest run --project conformance remote
import { openRemotePlatform } from "../support/remote-platform.ts";
import { conformance } from "./conformance.ts";
import { platformOf } from "./platform.ts";

const { reached, has } = await openRemotePlatform();

conformance(platformOf(reached.url, { has, crowd: 1000 }, () => reached));
