import { afterAll, beforeAll, expect, test } from "vitest";
import { finish, openTestApi, type TestApi } from "../support/api.ts";

let api: TestApi;
beforeAll(async () => {
  api = await openTestApi();
});
afterAll(() => api.close());

test("a feed that is followed from no place begins now", async () => {
  const before = await finish(api, { function: "echo" });
  const response = await api.request("GET", "/v1/events?follow=1&types=job.completed");
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  const untilSaid = async (id: string) => {
    while (!text.includes(id)) text += (await reader.read()).value ?? "";
  };
  // It has looked where it stands by the time that another request is answered.
  await api.call("GET", "/v1/events?limit=1");
  const [first, second] = [await finish(api, { function: "echo" }), await finish(api, { function: "echo" })];
  await untilSaid(second.id);
  await reader.cancel();
  expect([before, first, second].map(({ id }) => text.split(`"jobId":"${id}"`).length - 1)).toEqual([0, 1, 1]);
});
