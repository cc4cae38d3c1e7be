// The pool's view of a host: a thread or a process with one bundle, and the turns that it was given, in order.
import { callOf } from "../../../functions/call.ts";
import type { Gone } from "../../../functions/death.ts";
import type { FromHost, TicketedCall, ToHost } from "./messages.ts";
import type { Turn } from "./turn.ts";

export type HostKind = "thread" | "process";

/** What carries a host: see thread.ts and child.ts. */
export interface Vehicle {
  /** How many calls it may have, the one that it runs among them. */
  readonly room: number;
  offer(): number;
  takeBack(ticket: number): boolean;
  hasBegun(ticket: number): boolean;
  post(message: ToHost): void;
  kill(): void;
  /** Whether it keeps the program alive. */
  keepAlive(isBusy: boolean): void;
}

export interface VehicleListener {
  heard(news: FromHost): void;
  gone(gone: Gone): void;
}

interface HostListener {
  heard(host: Host, news: FromHost): void;
  gone(host: Host, gone: Gone): void;
  /** It was killed, but does not die yet: it needs a replacement. */
  lingers(host: Host): void;
}

/** A thread within native code dies when that lets it go. */
const DEATH_MS = 1000;

export class Host {
  readonly kind: HostKind;
  /** Of the bundle that it runs. */
  readonly hash: string;
  /** The first one runs, or is about to. */
  readonly turns: Turn[] = [];
  idleSince = performance.now();
  hasAnswered = false;
  /** Killed, and slow to die. */
  isDraining = false;
  isKilled = false;
  readonly #goneOrLingering = Promise.withResolvers<void>();
  readonly #vehicle: Vehicle;
  readonly #listener: HostListener;
  #unsent: TicketedCall[] = [];
  #deathTimer: NodeJS.Timeout | null = null;

  constructor(kind: HostKind, hash: string, start: (listener: VehicleListener) => Vehicle, listener: HostListener) {
    this.kind = kind;
    this.hash = hash;
    this.#listener = listener;
    this.#vehicle = start({
      heard: (news) => listener.heard(this, news),
      gone: (gone) => {
        if (this.#deathTimer !== null) clearTimeout(this.#deathTimer);
        listener.gone(this, gone);
        this.#goneOrLingering.resolve();
      },
    });
  }

  get isIdle(): boolean {
    return this.turns.length === 0 && !this.isKilled;
  }

  get isBusy(): boolean {
    return !this.isDraining && this.turns.length > 0;
  }

  get hasRoom(): boolean {
    // One that is not ready yet may not be the first to be: what waits is left to the others.
    return !this.isKilled && this.turns.length < (this.hasAnswered ? this.#vehicle.room : 1);
  }

  give(turn: Turn): void {
    if (this.turns.length === 0) this.#vehicle.keepAlive(true);
    turn.host = this;
    turn.ticket = this.#vehicle.offer();
    this.turns.push(turn);
    this.#unsent.push({ ...callOf(turn.task), ticket: turn.ticket });
  }

  /** Turns that were given together go in one message. */
  send(): void {
    if (this.#unsent.length === 0) return;
    this.#vehicle.post({ calls: this.#unsent });
    this.#unsent = [];
  }

  hasBegun(turn: Turn): boolean {
    return turn.hasStarted || this.#vehicle.hasBegun(turn.ticket);
  }

  /** False = it runs already. */
  takeBack(turn: Turn): boolean {
    if (turn.hasStarted || !this.#vehicle.takeBack(turn.ticket)) return false;
    this.remove(turn);
    return true;
  }

  remove(turn: Turn): void {
    const index = this.turns.indexOf(turn);
    if (index >= 0) this.turns.splice(index, 1);
    turn.host = null;
    if (this.turns.length > 0) return;
    this.idleSince = performance.now();
    this.#vehicle.keepAlive(false);
  }

  stop(turn: Turn): void {
    this.#vehicle.post({ stop: turn.task.attemptId });
  }

  /** Resolves when it is gone, or too slow to be waited for. */
  kill(): Promise<void> {
    if (this.isKilled) return this.#goneOrLingering.promise;
    this.isKilled = true;
    this.#vehicle.keepAlive(true);
    this.#deathTimer = setTimeout(() => {
      this.isDraining = true;
      this.#vehicle.keepAlive(false);
      this.#goneOrLingering.resolve();
      this.#listener.lingers(this);
    }, DEATH_MS);
    this.#vehicle.kill();
    return this.#goneOrLingering.promise;
  }
}
