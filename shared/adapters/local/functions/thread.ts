// A host in a thread of the server.
import { startWorker } from "../../../functions/worker-thread.ts";
import type { ThreadData } from "./channel.ts";
import type { Vehicle, VehicleListener } from "./host.ts";
import type { FromHost } from "./messages.ts";
import type { Setup } from "./setup.ts";
import { Tickets } from "./tickets.ts";

/** Enough that a thread never waits for the pool, and few enough that another thread is not left without. */
const ROOM = 16;

export function startThread({ entry, env, heapMb, data }: Setup, listener: VehicleListener): Vehicle {
  const tickets = new Tickets();
  const workerData: ThreadData = { ...data, places: tickets.places };
  const thread = startWorker<FromHost>(entry, { workerData, env, heapMb }, listener);
  return {
    room: ROOM,
    offer: () => tickets.offer(),
    takeBack: (ticket) => tickets.takeBack(ticket),
    hasBegun: (ticket) => tickets.hasBegun(ticket),
    post: (message) => thread.postMessage(message),
    kill: () => void thread.terminate(),
    keepAlive: (isBusy) => (isBusy ? thread.ref() : thread.unref()),
  };
}
