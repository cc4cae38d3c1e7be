// What every store must do, whatever it is made of.
import { describe } from "vitest";
import { anyGraphPromises } from "./any-graph.ts";
import { duePromises } from "./due.ts";
import { edgePromises } from "./edges.ts";
import { eventPromises } from "./events.ts";
import { groupPromises } from "./groups.ts";
import { keyPromises } from "./keys.ts";
import { listPromises } from "./lists.ts";
import { sortPromises } from "./lists-sorted.ts";
import { pagingPromises } from "./paging.ts";
import { poolPromises } from "./pools.ts";
import { promisesOf, type OpenStore } from "./promise.ts";
import { releasePromises } from "./release.ts";
import { revivePromises } from "./revive.ts";
import { settlePromises } from "./settle.ts";
import { submitPromises } from "./submit.ts";
import { sweepPromises } from "./sweep.ts";
import { touchPromises } from "./touch.ts";
import { turnPromises } from "./turns.ts";
import { workflowPromises } from "./workflows.ts";

export interface StoreTraits {
  /** How many random graphs are tried. */
  readonly graphs: number;
  /** The feed of all events goes on telling of jobs that were removed. */
  readonly keepsFeed: boolean;
}

export function storeContract(open: OpenStore, { graphs, keepsFeed }: StoreTraits): void {
  const promise = promisesOf(open);
  describe("submit", () => submitPromises(promise));
  describe("turns", () => turnPromises(promise));
  describe("settle", () => settlePromises(promise));
  describe("edges", () => edgePromises(promise));
  describe("release", () => releasePromises(promise));
  describe("revive", () => revivePromises(promise));
  describe("any graph", () => anyGraphPromises(promise, graphs));
  describe("pools", () => poolPromises(promise));
  describe("groups", () => groupPromises(promise));
  describe("lists", () => listPromises(promise));
  describe("other orders", () => sortPromises(promise));
  describe("paging", () => pagingPromises(promise));
  describe("events", () => eventPromises(promise));
  describe("due", () => duePromises(promise));
  describe("keys", () => keyPromises(promise));
  describe("workflows", () => workflowPromises(promise));
  describe("touch", () => touchPromises(promise));
  describe("sweep", () => sweepPromises(promise, keepsFeed));
}
