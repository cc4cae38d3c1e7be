// How an attempt's client deals with an API that falters.
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { persistentFetch } from "../../shared/attempt/persistent-fetch.ts";
import { AttemptClient, NotCurrent } from "../../shared/attempt/protocol-client.ts";

let server: Server | null = null;
afterEach(() => {
  server?.close();
  server?.closeAllConnections();
});

/** Answers by these in turn, and by the last of them ever after. */
async function serve(...answers: readonly RequestListener[]): Promise<{ url: string; asked: () => number }> {
  let asked = 0;
  server = createServer((request, response) => answers[Math.min(asked++, answers.length - 1)]!(request, response));
  await new Promise<void>((resolve) => server!.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked: () => asked };
}

const status = (code: number, headers: Record<string, string> = {}, body = "{}"): RequestListener => (_request, response) => response.writeHead(code, headers).end(body); // prettier-ignore
const hangUp: RequestListener = (request) => request.socket.destroy();
const silence: RequestListener = () => undefined;
const patience = { timeoutMs: 5000 };

describe("a request of an attempt", () => {
  test("is made again when the network or the server falters", async () => {
    const { url, asked } = await serve(hangUp, status(503), status(429, { "retry-after": "0.01" }), status(200));
    expect((await persistentFetch(url, {}, patience)).status).toBe(200);
    expect(asked()).toBe(4);
  });

  test("is given up after five tries", async () => {
    const { url, asked } = await serve(status(500));
    const atOnce = { ...patience, random: () => 0 };
    expect((await persistentFetch(url, {}, atOnce)).status).toBe(500);
    expect(asked()).toBe(5);
    await expect(persistentFetch("http://127.0.0.1:9", {}, atOnce)).rejects.toThrow("fetch failed");
  });

  test("that the server refuses is not made again", async () => {
    const { url, asked } = await serve(status(400));
    expect((await persistentFetch(url, {}, patience)).status).toBe(400);
    expect(asked()).toBe(1);
  });

  test("waits for a silent server so long and no longer, and not at all once nobody wants the answer", async () => {
    const { url, asked } = await serve(silence, status(200));
    expect((await persistentFetch(url, {}, { timeoutMs: 50 })).status).toBe(200);
    expect(asked()).toBe(2);
    const over = AbortSignal.abort(new Error("over"));
    await expect(persistentFetch(url, {}, { ...patience, signal: over })).rejects.toThrow("over");
    expect(asked()).toBe(2);
    const { url: silent } = await serve(silence);
    await expect(persistentFetch(silent, {}, { ...patience, signal: AbortSignal.timeout(50) })).rejects.toThrow("timeout");
  });

  test.each([401, 403, 409])("is refused with %i when the attempt is over", async (code) => {
    const { url } = await serve(status(code, {}, JSON.stringify({ code: "attempt.not_current", detail: "another runs" })));
    const client = new AttemptClient({ url: `${url}/`, token: "t", attemptId: "att_1" });
    await expect(client.logs(0, "")).rejects.toThrow(new NotCurrent("another runs"));
    expect(await client.beat(null)).toEqual({ cancel: false, isCurrent: false });
  });

  test("that fails says what the API answered", async () => {
    const { url } = await serve(status(413, {}, JSON.stringify({ detail: "too large" })), status(404, {}, "not JSON"));
    const client = new AttemptClient({ url, token: "t", attemptId: "att_1" });
    await expect(client.logs(0, "")).rejects.toThrow("POST /logs of the attempt: too large");
    await expect(client.checkpoint()).rejects.toThrow("GET /checkpoint of the attempt: HTTP 404");
  });
});
