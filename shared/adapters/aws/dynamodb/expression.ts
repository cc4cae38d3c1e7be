// Conditions and updates as DynamoDB spells them. Every name gets a placeholder: half of all good names are reserved words.
import { marshall } from "@aws-sdk/util-dynamodb";
import type { AttributeValue } from "@aws-sdk/client-dynamodb";

export type Item = Record<string, unknown>;

export const marshalled = (item: Item): Record<string, AttributeValue> => marshall(item, { removeUndefinedValues: true });

/** Attributes that must have these values, or one of a list; undefined = must not be there. */
export interface Condition {
  readonly is: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>;
  /** An attribute that may be at most this instead. */
  readonly orAtMost?: readonly [attribute: string, value: number];
  readonly exists?: string;
}

export const where = (is: Condition["is"]): Condition => ({ is });
export const absent: Condition = { is: { pk: undefined } };

export interface Changes {
  /** undefined = removed. */
  readonly set?: Item;
  readonly add?: Readonly<Record<string, number>>;
}

export class Expression {
  readonly #names = new Map<string, string>();
  readonly #values = new Map<string, unknown>();

  #name(attribute: string): string {
    let name = this.#names.get(attribute);
    if (name === undefined) this.#names.set(attribute, (name = `#n${this.#names.size}`));
    return name;
  }

  #value(value: unknown): string {
    const placeholder = `:v${this.#values.size}`;
    this.#values.set(placeholder, value);
    return placeholder;
  }

  condition({ is, orAtMost, exists }: Condition): string {
    const clauses = Object.entries(is).map(([attribute, value]) => {
      if (value === undefined) return `attribute_not_exists(${this.#name(attribute)})`;
      if (typeof value !== "object") return `${this.#name(attribute)} = ${this.#value(value)}`;
      return `${this.#name(attribute)} IN (${value.map((one) => this.#value(one)).join(", ")})`;
    });
    if (exists !== undefined) clauses.push(`attribute_exists(${this.#name(exists)})`);
    const all = clauses.join(" AND ");
    return orAtMost ? `(${all}) OR ${this.#name(orAtMost[0])} <= ${this.#value(orAtMost[1])}` : all;
  }

  update({ set = {}, add = {} }: Changes): string {
    const entries = Object.entries(set);
    const sets = entries
      .filter(([, value]) => value !== undefined)
      .map(([attribute, value]) => `${this.#name(attribute)} = ${this.#value(value)}`);
    const removes = entries.filter(([, value]) => value === undefined).map(([attribute]) => this.#name(attribute));
    const adds = Object.entries(add).map(([attribute, value]) => `${this.#name(attribute)} ${this.#value(value)}`);
    const part = (verb: string, items: readonly string[]) => (items.length > 0 ? [`${verb} ${items.join(", ")}`] : []);
    return [...part("SET", sets), ...part("REMOVE", removes), ...part("ADD", adds)].join(" ");
  }

  between(attributes: { readonly pk: string; readonly sk: string }, pk: string, low: string, high: string): string {
    return `${this.#name(attributes.pk)} = ${this.#value(pk)} AND ${this.#name(attributes.sk)} BETWEEN ${this.#value(low)} AND ${this.#value(high)}`;
  }

  get placeholders(): { ExpressionAttributeNames?: Record<string, string>; ExpressionAttributeValues?: Record<string, AttributeValue> } {
    return {
      ...(this.#names.size > 0 && {
        ExpressionAttributeNames: Object.fromEntries([...this.#names].map(([attribute, name]) => [name, attribute])),
      }),
      ...(this.#values.size > 0 && { ExpressionAttributeValues: marshalled(Object.fromEntries(this.#values)) }),
    };
  }
}
