import { expect } from "vitest";
import { aGraph, aKey, aRecord, NOW } from "./given.ts";
import type { Promised } from "./promise.ts";
import { submit, submitted } from "./steps.ts";

export function keyPromises(promise: Promised): void {
  promise("a second request with the same key gets the first one's answer, and nothing is written", async (store) => {
    await submitted(store, aGraph([aRecord("a")], { key: aKey("k", { answer: '{"emoji":"🔑"}' }) }));
    const again = await store.submitGraph(aGraph([aRecord("b")], { key: aKey("k", { answer: "{}", bodyHash: "another" }) }));
    expect(again).toEqual({ ok: false, because: "key_taken", key: aKey("k", { answer: '{"emoji":"🔑"}' }) });
    expect(await store.job("b")).toBeNull();
  });

  promise("of two requests with the same key at once, one is made", async (store) => {
    const ask = (id: string) => store.submitGraph(aGraph([aRecord(id)], { key: aKey("k") }));
    const answers = await Promise.all([ask("a"), ask("b")]);
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1);
    expect(answers.filter((answer) => !answer.ok && answer.because === "key_taken")).toHaveLength(1);
    expect([await store.job("a"), await store.job("b")].filter(Boolean)).toHaveLength(1);
  });

  promise("a key is remembered until its time and no longer", async (store) => {
    await submitted(store, aGraph([aRecord("a")], { key: aKey("k", { untilMs: NOW + 10 }) }));
    expect(await store.key("k", NOW + 9)).toEqual(aKey("k", { untilMs: NOW + 10 }));
    expect([await store.key("k", NOW + 10), await store.key("nobody's", NOW)]).toEqual([null, null]);
    await submitted(store, aGraph([aRecord("b", { createdAt: NOW + 10 })], { key: aKey("k", { untilMs: NOW + 20 }) }));
    expect(await store.key("k", NOW + 15)).toMatchObject({ untilMs: NOW + 20 });
  });

  promise("a refused request leaves its key free", async (store) => {
    await submit(store, "a");
    expect(await store.submitGraph(aGraph([aRecord("a")], { key: aKey("k") }))).toMatchObject({ ok: false, because: "id_taken" });
    expect(await store.key("k", NOW)).toBeNull();
    await submitted(store, aGraph([aRecord("b")], { key: aKey("k") }));
  });
}
