// Runs in the Lambda's other thread: carries out attempts of the function whose bundle lies beside it, one after the other.
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parentPort, workerData } from "node:worker_threads";
import { FunctionHost } from "../../../functions/function-host.ts";
import { Checkpoints } from "./checkpoints.ts";
import type { FromThread, ThreadData, ToThread } from "./messages.ts";

const port = parentPort!;
const tell = (news: FromThread): void => port.postMessage(news);
const checkpoints = new Checkpoints((workerData as ThreadData).folder, (question) => tell({ question }));
const host = new FunctionHost({
  bundle: fileURLToPath(new URL("job.mjs", import.meta.url)),
  // Once an attempt's answer is on its way nobody would read what it says.
  remembered: 0,
  placeOf: ({ attemptId }) => checkpoints.placeOf(attemptId),
  tell,
});

port.on("message", (message: ToThread) => {
  if ("answer" in message) return checkpoints.hear(message.answer);
  if ("stop" in message) return host.stop(message.stop);
  // Who sent it learns that this thread dies, and turns to another.
  if (host.isDying) return;
  tell({ begun: message.call.attemptId });
  void host.attend(message.call);
});

// Before the first attempt: a Lambda has more of the processor then. The job itself must wait: it may read its environment at once.
const beside = readdirSync(fileURLToPath(new URL(".", import.meta.url))).filter((name) => /^zod-.*\.mjs$/.test(name));
await Promise.allSettled(beside.map((name) => import(new URL(name, import.meta.url).href)));
tell({ ready: true });
