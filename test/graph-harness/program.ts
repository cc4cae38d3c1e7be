// A process of its own that evaluates sst.config.ts and leaves what it saw in a file. See evaluate.ts.
import { writeFileSync } from "node:fs";
import { evaluateHere } from "./evaluate-here.ts";
import { lookedAt } from "./handlers.ts";
import { imagine } from "./imagined.ts";

const [stage = "", work = "", out = ""] = process.argv.slice(2);
const world = { region: "eu-west-1", account: "123456789012" };
const evaluation = await evaluateHere({ stage, work, world, handlers: lookedAt(work), make: imagine(world) });
writeFileSync(out, JSON.stringify(evaluation));
