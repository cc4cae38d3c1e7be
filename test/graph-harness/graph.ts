// What an evaluation of sst.config.ts leaves: every resource as Pulumi would be asked for it.

export type Values = Readonly<Record<string, unknown>>;

/** @throws Error if it is no text */
export function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  throw new Error(`not a text: ${JSON.stringify(value)}`);
}

export interface GraphResource {
  readonly urn: string;
  /** As `aws:sqs/queue:Queue`, or `sst:aws:Queue` for a component. */
  readonly type: string;
  readonly name: string;
  readonly parent?: string;
  /** A real resource; otherwise a component that only groups others. */
  readonly isCustom: boolean;
  readonly inputs: Values;
  outputs: Values;
  /** Names of inputs that are kept secret. */
  readonly secrets: readonly string[];
  readonly options: {
    readonly protect: boolean;
    readonly retainOnDelete: boolean;
    readonly ignoreChanges: readonly string[];
    readonly dependsOn: readonly string[];
  };
}

export interface Evaluation {
  readonly app: { readonly name: string; readonly stage: string; readonly removal: string; readonly protect: boolean };
  /** What run() answered. */
  readonly outputs: Values;
  readonly resources: readonly GraphResource[];
  /** Of Lambdas by logical name: the handler that was asked for. */
  readonly handlers: Readonly<Record<string, string>>;
  /** Data sources that nobody answers. */
  readonly unhandled: readonly string[];
  readonly errors: readonly string[];
  readonly ms: Readonly<Record<string, number>>;
}
