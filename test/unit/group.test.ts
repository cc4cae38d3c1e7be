import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { countsOf, evaluateGroup, openJobs, type Group, type Tally } from "../../shared/domain/group.ts";

const S_RUNNING: Group = {
  id: "bat_1", kind: "batch", name: null, state: "running", createdAt: 0, finishedAt: null, cancelRequestedAt: null, jobs: 3, tolerate: 0,
  workflowVersion: null, params: null, onFailureJob: null, version: 1,
}; // prettier-ignore

const endOf = (tally: Tally, changes: Partial<Group> = {}): string => {
  const answer = evaluateGroup({ ...S_RUNNING, ...changes }, tally, null, 9);
  return answer.do === "end" ? answer.decision.group.state : answer.do;
};

describe("a batch", () => {
  test("goes on while any of its jobs is open, and never ends before", () => {
    fc.assert(
      fc.property(
        fc.record({ queued: fc.nat(2), running: fc.nat(2), paused: fc.nat(2), completed: fc.nat(5), failed: fc.nat(5) }),
        (tally) => {
          expect(endOf(tally) === "wait").toBe(openJobs(tally) > 0);
        },
      ),
    );
  });

  test("is completed if all are, partial up to what it tolerates, failed beyond", () => {
    expect(endOf({ completed: 3 })).toBe("completed");
    expect(endOf({ completed: 2, failed: 1 }, { tolerate: 1 })).toBe("partial");
    expect(endOf({ completed: 1, failed: 2 }, { tolerate: 1 })).toBe("failed");
    expect(endOf({ completed: 1, failed: 1, cancelled: 1 })).toBe("failed");
  });

  test("is completed although a branch for a failure was not needed", () => {
    expect(endOf({ completed: 2, skipped: 1 })).toBe("completed");
    expect(countsOf({ completed: 2, skipped: 1 })).toEqual({ completed: 2, cancelled: 1 });
  });

  test("that was cancelled is cancelled, not failed", () => {
    expect(endOf({ completed: 1, failed: 1, cancelled: 1 }, { cancelRequestedAt: 5 })).toBe("cancelled");
  });

  test("that has ended is not ended again", () => {
    expect(endOf({ completed: 3 }, { state: "completed" })).toBe("wait");
  });
});

describe("a run with a step for failures", () => {
  const onFailure = { id: "job_f", state: "created" as const };

  test("starts it once the others have ended and one failed", () => {
    expect(evaluateGroup(S_RUNNING, { created: 1, running: 1, failed: 1 }, onFailure, 9).do).toBe("wait");
    expect(evaluateGroup(S_RUNNING, { created: 1, failed: 1 }, onFailure, 9)).toEqual({ do: "startOnFailure", job: "job_f" });
  });

  test("skips it if nothing failed", () => {
    expect(evaluateGroup(S_RUNNING, { created: 1, completed: 2 }, onFailure, 9)).toEqual({ do: "skipOnFailure", job: "job_f" });
  });
});
