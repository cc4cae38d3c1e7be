// `list` of batches and of runs.
import type { Command } from "commander";
import { acting } from "../call.ts";
import { count, verbOf } from "../globals.ts";
import { listed } from "../pages.ts";
import type { Batch, Run } from "../shown.ts";
import { printList } from "./list.ts";
import type { Paint } from "./screen.ts";
import { countsText, paintState } from "./state.ts";
import type { Column } from "./table.ts";
import { stripVTControlCharacters } from "node:util";
import { ago, elapsed } from "./time.ts";

export interface GroupListOptions {
  readonly state?: string;
  readonly limit: number;
  readonly all?: boolean;
}

export const groupList = (group: Command, things: string): Command =>
  verbOf(group, "list", `list ${things}, newest first`)
    .option("--state <state>", "created, running, paused, completed, partial, failed or cancelled")
    .option("--limit <n>", "how many", count, 50)
    .option("--all", "all there are");

type Group = Pick<Batch & Run, "id" | "state" | "counts" | "createdAt"> & { readonly finishedAt?: string };

/** `path` and `filters`: where the list is. */
export const listGroups = <T extends Group, O extends GroupListOptions>(
  path: string,
  filters: (options: O) => Record<string, string | undefined>,
  name: Column<T>,
) =>
  acting(async (call, options: O) => {
    const groups = await listed<T>(
      call.client,
      path,
      { state: options.state, ...filters(options) },
      options.all ? Infinity : Math.max(1, options.limit),
    );
    printList(call, groups, groupColumns(name, call.out.paint, Date.now()), "None.");
  });

const groupColumns = <T extends Group>(name: Column<T>, paint: Paint, now: number): Column<T>[] => [
  { title: "ID", of: ({ id }) => id },
  { title: "STATE", of: ({ state }) => state, paint: (cell, { state }) => paintState(paint, state, cell) },
  name,
  { title: "JOBS", of: ({ counts }) => stripVTControlCharacters(countsText(counts, paint)), isFlexible: true },
  { title: "AGE", of: ({ createdAt }) => ago(createdAt, now), leftOut: 1 },
  {
    title: "TOOK",
    of: ({ createdAt, finishedAt }) => (finishedAt === undefined ? "" : elapsed({ startedAt: createdAt, finishedAt }, now)),
    align: "right",
    leftOut: 2,
  },
];
