// References to what is known only when a run is under way, typed as what they will be.
import { isObject, type Json } from "../domain/json.ts";

declare const referred: unique symbol;

/** Stands for a T in a step's params: `read.result.rows` is typed as the rows, and written as {"$from": "steps.read.result.rows"}. */
export type Ref<T> = { readonly [referred]?: T } & (T extends readonly (infer Item)[]
  ? { readonly [index: number]: Ref<Item> }
  : T extends object
    ? { readonly [Key in keyof T]-?: Ref<T[Key]> }
    : unknown);

/** A value, with references in place of any part of it. */
export type WithRefs<T> =
  | Ref<T>
  | (T extends readonly (infer Item)[]
      ? readonly WithRefs<Item>[]
      : T extends object
        ? { readonly [Key in keyof T]: WithRefs<T[Key]> }
        : T);

/** Where a reference begins; its name is known once the whole workflow is. */
export interface Origin {
  readonly kind: "params" | "matrix" | "step";
  name: string | null;
}

interface Place {
  readonly origin: Origin;
  readonly path: readonly string[];
}

const places = new WeakMap<object, Place>();

/** A proxy that remembers the way that was taken through it. */
export function reference<T>(origin: Origin, path: readonly string[] = []): Ref<T> {
  const proxy = new Proxy(
    {},
    {
      get: (_target, key) => {
        if (key === "toJSON") return () => written({ origin, path });
        return typeof key === "string" ? reference(origin, [...path, key]) : undefined;
      },
    },
  );
  places.set(proxy, { origin, path });
  return proxy as Ref<T>;
}

function written({ origin, path }: Place): Json {
  const root = origin.kind === "step" ? ["steps", origin.name ?? "", "result"] : [origin.kind];
  const plain = /^[A-Za-z0-9_-]+$/;
  return {
    $from: [...root, ...path].reduce(
      (text, key) => (text === "" ? key : plain.test(key) ? `${text}.${key}` : `${text}[${JSON.stringify(key)}]`),
      "",
    ),
  };
}

/** The steps whose results a value refers to. */
export function originsIn(value: unknown): Origin[] {
  if (typeof value !== "object" || value === null) return [];
  const place = places.get(value);
  if (place) return [place.origin];
  return (Array.isArray(value) ? value : isObject(value) ? Object.values(value) : []).flatMap(originsIn);
}
