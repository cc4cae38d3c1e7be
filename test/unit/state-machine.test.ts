import validate from "asl-validator";
import { describe, expect, test } from "vitest";
import { stateMachine } from "../../shared/adapters/aws/states/machine.ts";
import { machines, type MachineName } from "../../shared/names.ts";

interface State {
  readonly Type: string;
  readonly Next?: string;
  readonly End?: boolean;
  readonly Default?: string;
  readonly Choices?: readonly { readonly StringEquals: string; readonly Next: string }[];
  readonly Catch?: readonly { readonly ErrorEquals: readonly string[]; readonly Next: string }[];
  readonly Retry?: readonly {
    readonly ErrorEquals: readonly string[];
    readonly MaxAttempts: number;
    readonly IntervalSeconds: number;
    readonly BackoffRate: number;
  }[];
  readonly TimeoutSeconds?: number;
}

const lambda = (name: string): string => `arn:aws:lambda:eu-west-1:123456789012:function:${name}`;
const definitionOf = (kind: MachineName) =>
  stateMachine({ kind, table: "Jobs", settle: lambda("settle"), requeue: lambda("requeue"), release: lambda("release") }) as {
    readonly StartAt: string;
    readonly TimeoutSeconds: number;
    readonly States: Readonly<Record<string, State>>;
  };

/** The states that an execution passes, each a transition; `says` is what the settle and the releases answer in turn. */
function wayOf(kind: MachineName, says: readonly string[], isOurs = true): string[] {
  const { StartAt, States } = definitionOf(kind);
  const answers = [...says];
  const way: string[] = [];
  for (let name: string | undefined = StartAt; name !== undefined;) {
    const state: State = States[name]!;
    way.push(name);
    const lost: string | undefined = name === "Claim" && !isOurs ? state.Catch![0]!.Next : undefined;
    const answer: string | undefined = state.Type === "Choice" ? answers.shift() : undefined;
    const choice: string | undefined = state.Choices?.find(({ StringEquals }) => StringEquals === answer)?.Next ?? state.Default;
    name = lost ?? (state.Type === "Choice" ? choice : state.Next);
  }
  return way;
}

describe.each(machines)("the %s machine", (kind) => {
  test("is valid Amazon States Language", () => {
    expect(validate(definitionOf(kind))).toMatchObject({ isValid: true, errors: [] });
  });

  test("leads from each state to one that is there, and each is reached", () => {
    const { States, StartAt } = definitionOf(kind);
    const next = ({ Next, Default, Choices = [], Catch = [] }: State) => [
      Next,
      Default,
      ...Choices.map((choice) => choice.Next),
      ...Catch.map((fault) => fault.Next),
    ];
    const targets = Object.values(States)
      .flatMap(next)
      .filter((name) => name !== undefined);
    expect(new Set([StartAt, ...targets])).toEqual(new Set(Object.keys(States)));
  });

  test("costs five transitions for a plain job, and six where a retry is waited for", () => {
    expect(wayOf(kind, ["end"])).toEqual(["Claim", "Invoke", "Settle", "After", "Done"]);
    expect(wayOf(kind, ["wait"])).toEqual(["Claim", "Invoke", "Settle", "After", "Wait", "Requeue"]);
    expect(wayOf(kind, ["release", "release", "end"])).toEqual([
      "Claim",
      "Invoke",
      "Settle",
      "After",
      "Release",
      "After",
      "Release",
      "After",
      "Done",
    ]);
    expect(wayOf(kind, [], false)).toEqual(["Claim", "NotOurs"]);
  });

  test("tries our own steps again whatever happens, and the job's own function only if it surely did not run", () => {
    const { States } = definitionOf(kind);
    for (const name of ["Settle", "Requeue", "Release"]) expect(States[name]!.Retry![0]!.ErrorEquals).toEqual(["States.ALL"]);
    expect(States.Invoke!.Retry!.flatMap(({ ErrorEquals }) => ErrorEquals)).toEqual(["Lambda.TooManyRequestsException"]);
    expect(States.Invoke!.Catch).toMatchObject([{ ErrorEquals: ["States.ALL"], Next: "Settle" }]);
  });
});

test("an Express execution has time to run for a minute and to try its settle again, within the five minutes that it may live", () => {
  const { States, TimeoutSeconds } = definitionOf("express");
  const waits = ({ Retry = [] }: State) =>
    Retry.flatMap(({ MaxAttempts, IntervalSeconds, BackoffRate }) =>
      Array.from({ length: MaxAttempts }, (_, n) => IntervalSeconds * BackoffRate ** n),
    ).reduce((sum, wait) => sum + wait, 0);
  const LONGEST_RUN = 60 + 20;
  expect(TimeoutSeconds).toBeLessThanOrEqual(300);
  expect(waits(States.Invoke!) + LONGEST_RUN + waits(States.Settle!)).toBeLessThan(TimeoutSeconds);
});
