import type { Clock } from "../../ports/platform.ts";

/** The longest wait that a timer of this runtime takes: 24.8 days. */
const TIMER_MAX_MS = 2 ** 31 - 1;

export const systemClock: Clock = {
  now: () => Date.now(),
  at: (at, call) => {
    let timer: NodeJS.Timeout;
    const arm = (): void => {
      const wait = at - Date.now();
      timer = wait > TIMER_MAX_MS ? setTimeout(arm, TIMER_MAX_MS) : setTimeout(call, Math.max(0, wait));
      timer.unref();
    };
    arm();
    return () => clearTimeout(timer);
  },
};
