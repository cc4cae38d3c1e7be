// The thread that owns the database. Everything that arrived during the last fsync goes into the next transaction.
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";
import { GroupCommit } from "./group-commit.ts";
import { openDatabase } from "./open.ts";
import { packAnswer, unpackOperation } from "./wire.ts";

/** One type of message only: draining the port must not swallow anything else. */
type ToWriter = readonly unknown[] | "close";

const port = parentPort!;
const database = openDatabase((workerData as { file: string }).file);
const committer = new GroupCommit(database);

port.on("message", (first: ToWriter) => {
  const messages = [first];
  for (let next = receiveMessageOnPort(port); next; next = receiveMessageOnPort(port)) messages.push(next.message as ToWriter);
  const operations = messages.flatMap((message) => (message === "close" ? [] : message)).map(unpackOperation);
  if (operations.length > 0) port.postMessage(committer.run(operations).map((answer, index) => packAnswer(operations[index]!, answer)));
  if (messages.includes("close")) {
    database.close();
    port.close();
  }
});

port.postMessage("ready");
