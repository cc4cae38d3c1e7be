// Posts jobs from a process of its own, over 50 connections that are kept: a client on the server's thread would measure itself.
import { Agent, request } from "node:http";
import { noopJob } from "./noop-job.ts";
import { parallel } from "./parallel.ts";

const [url = "", token = "", count = "0"] = process.argv.slice(2);
const agent = new Agent({ keepAlive: true, maxSockets: 50 });

function post(n: number): Promise<void> {
  const body = JSON.stringify(noopJob(n));
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json", "content-length": Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const call = request(`${url}/v1/jobs`, { method: "POST", agent, headers }, (answer) => {
      if (answer.statusCode !== 201) reject(new Error(`answered ${answer.statusCode}`));
      answer.resume().on("end", resolve);
    });
    call.on("error", reject).end(body);
  });
}

await parallel(2000, 50, post);
const begin = performance.now();
await parallel(Number(count), 50, post);
console.log((Number(count) / (performance.now() - begin)) * 1000);
process.exit(0);
