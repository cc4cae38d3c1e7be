// Where our events go out, for the rules of whoever wants them: source `switchyard`, detail-type the event's type.
import { names } from "../shared/names.ts";

export const eventBus = () => new sst.aws.Bus(names.bus);
