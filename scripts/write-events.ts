// `npm run docs`: writes docs/events.md from the catalogue.
import { writeFileSync } from "node:fs";
import { eventsDocument } from "../events/document.ts";

writeFileSync(new URL("../docs/events.md", import.meta.url), eventsDocument());
