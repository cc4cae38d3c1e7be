// Every minute.
import { tick, type Ticked } from "../shared/engine/remote/clock.ts";
import { engine } from "./runtime.ts";

const context = engine();

export const handler = (): Promise<Ticked> => tick(context);
