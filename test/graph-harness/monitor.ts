// What Pulumi's program talks to instead of its engine: it notes every resource that is asked for, and has it made.
import type { App } from "./app.ts";
import { answerDataSource } from "./data-sources.ts";
import type { GraphResource, Values } from "./graph.ts";
import { plainer } from "./plain.ts";
import type { Callback, Pulumi, ResourceAnswer, ResourceRequest } from "./pulumi.ts";

/** Where the resources are, or are thought to be. */
export interface World {
  readonly region: string;
  readonly account: string;
}

export interface Made {
  readonly id: string;
  /** Everything that is known of it then: the inputs too. */
  readonly outputs: Values;
}

/** Makes a resource, or only imagines it. */
export type Maker = (resource: GraphResource) => Promise<Made>;

interface Seen {
  readonly resources: GraphResource[];
  /** Data sources that nobody answered, and resources that are read rather than made. */
  readonly unhandled: Set<string>;
}

export function installMonitor(pulumi: Pulumi, app: App, world: World, make: Maker): Seen {
  const { plain, secretsOf } = plainer(pulumi);
  const seen: Seen = { resources: [], unhandled: new Set() };
  const noted = new Map<string, GraphResource>();
  const byUrn = new Map<string, GraphResource>();
  const keyOf = (type: string, name: string) => `${type} ${name}`;

  async function note(request: ResourceRequest, urn: string): Promise<void> {
    const inputs = pulumi.deserialize(request.getObject());
    const resource: GraphResource = {
      urn,
      type: request.getType(),
      name: request.getName(),
      ...(request.getParent() !== "" && { parent: request.getParent() }),
      isCustom: request.getCustom(),
      inputs: await plain(inputs),
      outputs: {},
      secrets: secretsOf(inputs),
      options: {
        protect: request.getProtect() ?? false,
        retainOnDelete: request.getRetainondelete() ?? false,
        ignoreChanges: request.getIgnorechangesList(),
        dependsOn: request.getDependenciesList(),
      },
    };
    const key = keyOf(resource.type, resource.name);
    if (noted.has(key)) throw new Error(`two resources of type ${resource.type} are called ${resource.name}`);
    noted.set(key, resource);
    byUrn.set(urn, resource);
    seen.resources.push(resource);
  }

  class Monitor extends pulumi.MockMonitor {
    constructor() {
      super({
        newResource: async ({ type, name }) => {
          const resource = noted.get(keyOf(type, name));
          if (!resource) {
            seen.unhandled.add(`read of ${type} ${name}`);
            return { id: name, state: {} };
          }
          if (!resource.isCustom) return { id: undefined, state: resource.inputs };
          const { id, outputs } = await make(resource);
          resource.outputs = { ...outputs, id };
          return { id, state: outputs };
        },
        call: async ({ token, inputs }) => {
          const values = await plain(inputs);
          const answer = answerDataSource(world, token, values);
          if (answer === null) seen.unhandled.add(token);
          return answer ?? values;
        },
      });
    }

    // The engine leaves the stack itself out of a type's path; SST reads types from these names.
    override newUrn(parent: string, type: string, name: string): string {
      const above = parent.split("::")[2];
      const path = above && above !== "pulumi:pulumi:Stack" ? `${above}$${type}` : type;
      return [`urn:pulumi:${app.stage}`, app.name, path, name].join("::");
    }

    override async registerResource(request: ResourceRequest, callback: Callback<ResourceAnswer>): Promise<void> {
      try {
        await note(request, this.newUrn(request.getParent(), request.getType(), request.getName()));
      } catch (error) {
        callback(error, undefined);
        return;
      }
      await super.registerResource(request, callback);
    }
  }
  pulumi.settings.setMockOptions(new Monitor(), app.name, app.stage, false, "organization");
  Object.assign(pulumi.features, {
    supportsSecrets: true,
    supportsResourceReferences: true,
    // Resources would be handed on with promises in them.
    supportsOutputValues: false,
    supportsDeletedWith: true,
    supportsReplaceWith: true,
    supportsAliasSpecs: true,
    supportsTransforms: false,
    supportsParameterization: true,
    supportsResourceHooks: true,
  });
  return seen;
}
