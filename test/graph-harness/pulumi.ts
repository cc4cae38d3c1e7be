// As much of Pulumi's SDK for Node as is used here. It comes with SST's platform code, which only exists once that is installed.
import { requireFromPlatform } from "./places.ts";

/** A message of Pulumi's protocol that asks for a resource. */
export interface ResourceRequest {
  getType(): string;
  getName(): string;
  getParent(): string;
  getCustom(): boolean;
  getObject(): unknown;
  getProtect(): boolean | undefined;
  getRetainondelete(): boolean | undefined;
  getIgnorechangesList(): string[];
  getDependenciesList(): string[];
}

export interface ResourceAnswer {
  getUrn(): string;
  getObject(): { toJavaScript(): unknown };
}

export type Callback<T> = (error: unknown, answer: T | undefined) => void;

/** Of a resource as the mock monitor hands it on. */
export interface Asked {
  readonly type: string;
  readonly name: string;
  readonly custom: boolean;
  readonly inputs: Record<string, unknown>;
}

interface Mocks {
  newResource(asked: Asked): Promise<{ id: string | undefined; state: unknown }>;
  call(asked: { readonly token: string; readonly inputs: unknown }): unknown;
}

/** Pulumi's own stand-in for its engine, made for tests of programs. */
interface MockMonitor {
  newUrn(parent: string, type: string, name: string): string;
  registerResource(request: ResourceRequest, callback: Callback<ResourceAnswer>): Promise<void>;
  registerResourceOutputs(request: { getUrn(): string; getOutputs(): { toJavaScript(): unknown } }, callback: Callback<unknown>): void;
}

export interface Pulumi {
  readonly sdk: {
    readonly asset: { readonly Asset: new () => object; readonly Archive: new () => object };
    readonly runtime: {
      setAllConfig(values: Record<string, string>): void;
      runInPulumiStack(program: () => Promise<unknown>): Promise<unknown>;
    };
  };
  readonly MockMonitor: new (mocks: Mocks) => MockMonitor;
  readonly settings: {
    setMockOptions(monitor: MockMonitor, project: string, stack: string, isPreview: boolean, organization: string): void;
  };
  readonly deserialize: (properties: unknown) => Record<string, unknown>;
  readonly features: Record<string, boolean>;
}

export function loadPulumi(): Pulumi {
  const require = requireFromPlatform();
  const load = (name: string): unknown => require(`@pulumi/pulumi${name}`);
  return {
    sdk: load("") as Pulumi["sdk"],
    MockMonitor: (load("/runtime/mocks") as { MockMonitor: Pulumi["MockMonitor"] }).MockMonitor,
    settings: load("/runtime/settings") as Pulumi["settings"],
    deserialize: (load("/runtime/rpc") as { deserializeProperties: Pulumi["deserialize"] }).deserializeProperties,
    features: (load("/runtime/state") as { getStore(): Pulumi["features"] }).getStore(),
  };
}
