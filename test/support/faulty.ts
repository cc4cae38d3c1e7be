// A client with which something goes wrong that can happen at AWS, and which tells what was sent.

export interface Faulty<C> {
  readonly client: C;
  readonly sent: string[];
  /** Resolves when the process is killed: nothing of it may be waited for any more. */
  readonly died: Promise<void>;
}

type Sender = { send: (command: object) => Promise<unknown> };

/** Killed once so many requests are done: it sends nothing any more, and does not hear the last answer. Infinity = never. */
export function mortal<C extends object>(client: C, requests: number): Faulty<C> {
  const { promise: died, resolve } = Promise.withResolvers<void>();
  const sent: string[] = [];
  let done = 0;
  const dead = (): never => {
    resolve();
    throw new Error("the process was killed");
  };
  return {
    ...proxied(client, sent, async (command) => {
      if (done >= requests) return dead();
      const answer = await (client as Sender).send(command);
      return ++done >= requests ? dead() : answer;
    }),
    died,
  };
}

/** Each request is refused when it is first sent: too many at once. */
export const throttled = <C extends object>(client: C): Faulty<C> =>
  firstOfEach(client, () => {
    throw named("ThrottlingException", "Rate exceeded");
  });

/** Each request is done when it is first sent, but its answer is lost on the way. */
export const unanswered = <C extends object>(client: C): Faulty<C> =>
  firstOfEach(client, async (command) => {
    await (client as Sender).send(command);
    throw Object.assign(named("TimeoutError", "socket hang up"), { code: "ECONNRESET" });
  });

/** A request that is tried again is the same command, or one of the same content. */
function firstOfEach<C extends object>(client: C, fail: (command: object) => unknown): Faulty<C> {
  const seen = new Set<string>();
  const sent: string[] = [];
  return {
    ...proxied(client, sent, async (command) => {
      const content = command.constructor.name + JSON.stringify((command as { input?: object }).input);
      if (seen.has(content)) return (client as Sender).send(command);
      seen.add(content);
      return fail(command);
    }),
    died: new Promise(() => undefined),
  };
}

function proxied<C extends object>(
  client: C,
  sent: string[],
  send: (command: object) => Promise<unknown>,
): Pick<Faulty<C>, "client" | "sent"> {
  const told = (command: object): Promise<unknown> => {
    sent.push(command.constructor.name);
    return send(command);
  };
  return { sent, client: new Proxy(client, { get: (target, name) => (name === "send" ? told : (Reflect.get(target, name) as unknown)) }) };
}

const named = (name: string, message: string): Error => Object.assign(new Error(message), { name });
