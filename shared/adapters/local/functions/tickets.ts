// A call is begun by its thread or taken back by the pool, never both: whoever swaps its ticket first has it. Shared memory tells
// at once, and also of a thread that is too busy to answer.

/** Far more than a thread is ever given at a time, so a place is free again before its turn comes round. */
const PLACES = 1024;
const LAST_TICKET = 0x3fff_ffff;

export class Tickets {
  readonly places: Int32Array<SharedArrayBuffer>;
  #last = 0;

  constructor(places = new Int32Array(new SharedArrayBuffer(PLACES * 4))) {
    this.places = places;
  }

  offer(): number {
    this.#last = (this.#last % LAST_TICKET) + 1;
    Atomics.store(this.places, this.#last % PLACES, this.#last);
    return this.#last;
  }

  begin(ticket: number): boolean {
    return Atomics.compareExchange(this.places, ticket % PLACES, ticket, -ticket) === ticket;
  }

  takeBack(ticket: number): boolean {
    return Atomics.compareExchange(this.places, ticket % PLACES, ticket, 0) === ticket;
  }

  hasBegun(ticket: number): boolean {
    return Atomics.load(this.places, ticket % PLACES) === -ticket;
  }
}
