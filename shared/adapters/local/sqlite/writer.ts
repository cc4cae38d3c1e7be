// The thread that owns the database. Everything that arrived during the last fsync goes into the next transaction.
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { GroupCommit, type Operation } from "./group-commit.ts";
import { openDatabase } from "./open.ts";

/** One type of message only: draining the port must not swallow anything else. */
export type ToWriter = readonly Operation[] | "close";

const port = parentPort!;
const database = openDatabase((workerData as { file: string }).file);
const committer = new GroupCommit(database);

port.on("message", (first: ToWriter) => {
  const messages = [first];
  for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) messages.push(next.message as ToWriter);
  const operations = messages.flatMap((message) => (message === "close" ? [] : message));
  if (operations.length > 0) port.postMessage(committer.run(operations));
  if (messages.includes("close")) {
    database.close();
    port.close();
  }
});

port.postMessage("ready");
