// What a function may do to its thread or process, well or badly.
import { execSync, spawn } from "node:child_process";
import { writeFileSync } from "node:fs";
import { connect } from "node:net";
import { setTimeout as wait } from "node:timers/promises";
import { NonRetryableError, RetryAfterError, type JobContext } from "switchyard";
import type { Json } from "../../../shared/domain/json.ts";

interface Wish {
  readonly text: string;
  readonly count: number;
}
type Behaviour = (wish: Wish, ctx: JobContext) => unknown;

const forever = (): never => {
  for (;;);
};
let later: (() => void) | null = null;

export const behaviours = {
  nothing: () => undefined,
  echo: ({ text }) => ({ text }),
  loop(_wish, ctx) {
    ctx.progress(1);
    forever();
  },
  async waitForStop(_wish, ctx) {
    ctx.progress(1);
    await new Promise((resolve) => ctx.signal.addEventListener("abort", resolve));
    ctx.log("told to stop");
  },
  async sleep({ count }, ctx) {
    ctx.progress(1);
    await wait(count);
  },
  nativeSleep({ count, text }) {
    execSync(`touch ${text}; sleep ${count}`);
  },
  throws({ text }) {
    throw new TypeError(text, { cause: new Error("the reason") });
  },
  throwsText({ text }) {
    throw text; // oxlint-disable-line no-throw-literal -- authors do
  },
  notRetryable() {
    throw new NonRetryableError("card declined", { code: "card_declined", details: { bank: "B" } });
  },
  retryAfter() {
    throw new RetryAfterError("rate limited", "30s");
  },
  bigint: () => ({ n: 1n }),
  cycle() {
    const value: Record<string, unknown> = {};
    return Object.assign(value, { value });
  },
  large: ({ count }) => "x".repeat(count),
  deep() {
    let value: Json = null;
    for (let depth = 0; depth < 100; depth++) value = [value];
    return value;
  },
  exit: ({ count }) => process.exit(count),
  heapBomb() {
    const all: unknown[] = [];
    for (;;) all.push(Array.from({ length: 1000 }, () => ({})));
  },
  linesThenLoop({ count }, ctx) {
    for (let line = 1; line <= count; line++) console.log(`line ${line}`);
    ctx.progress(1);
    forever();
  },
  linesThenExit({ count }) {
    for (let line = 1; line <= count; line++) console.log(`line ${line}`);
    process.stdout.write("half a line");
    process.exit(4);
  },
  writes() {
    process.stdout.write("one ");
    process.stderr.write("an error\n");
    process.stdout.write("line\nand ");
    process.stdout.write(Buffer.from("no end"));
  },
  /** Says something when the next job of its thread asks it to. */
  speaksLater({ text }) {
    const said = Promise.withResolvers<void>();
    later = said.resolve;
    void said.promise.then(() => console.log(text));
  },
  throwsLater({ text }) {
    const asked = Promise.withResolvers<void>();
    later = asked.resolve;
    void asked.promise.then(() => {
      throw new Error(text);
    });
  },
  exitsLater() {
    const asked = Promise.withResolvers<void>();
    later = asked.resolve;
    void asked.promise.then(() => process.exit(5));
  },
  async letTheOtherGoOn() {
    later?.();
    await wait(1);
    console.log("mine");
  },
  async unhandled({ text }) {
    void Promise.reject(new Error(text));
    await new Promise(() => undefined);
  },
  async uncaught({ text }) {
    setTimeout(() => {
      throw new Error(text);
    });
    await new Promise(() => undefined);
  },
  environment({ text }) {
    const seen = process.env[text] ?? null;
    process.env.LEFT_BEHIND = "by a job";
    return { seen, names: Object.keys(process.env).toSorted() };
  },
  speaks({ text }, ctx) {
    console.log(`console: ${text}`);
    ctx.log("ctx: %s", text);
    ctx.progress(50, `stage ${text}`, { [text]: text });
    return { [text]: text };
  },
  async save({ text }, ctx) {
    const before = await ctx.checkpoint.read();
    await ctx.checkpoint.write({ text });
    return { before: before ?? null };
  },
  output({ text }, ctx) {
    return { path: ctx.output(text) };
  },
  /** Leaves an artifact of so many bytes, and fails if it is asked to. */
  leave({ text, count }, ctx) {
    for (const name of text.split(",")) writeFileSync(ctx.output(name.replace("!", "")), "x".repeat(count));
    if (text.endsWith("!")) throw new Error("left something and failed");
  },
  context(_wish, { job, attempt, inputs }) {
    return { job, attempt, inputs };
  },
  progressFlood({ count }, ctx) {
    for (let step = 1; step <= count; step++) ctx.progress(step / 1000, undefined, { step });
  },
  async progressThenSleep({ text, count }, ctx) {
    ctx.log(text);
    ctx.progress(10, text);
    await wait(count);
    ctx.progress(20);
    ctx.log("there");
  },
  crash: () => process.kill(process.pid, "SIGSEGV"),
  /** Holds a connection, by whose end others see that it died. */
  async connectThenLoop({ text }, ctx) {
    const socket = connect(text);
    await new Promise((resolve) => socket.once("connect", resolve));
    ctx.progress(1);
    await wait(10);
    forever();
  },
  async childThenLoop({ text }, ctx) {
    spawn(process.execPath, ["-e", `require("net").connect(${JSON.stringify(text)}).on("error", () => 0)`], { stdio: "ignore" });
    ctx.progress(1);
    await new Promise(() => undefined);
  },
  thread: () => ({ pid: process.pid }),
} satisfies Record<string, Behaviour>;

export const names = Object.keys(behaviours) as [keyof typeof behaviours];
export const behave = (name: keyof typeof behaviours, wish: Wish, ctx: JobContext): unknown => (behaviours[name] as Behaviour)(wish, ctx);
