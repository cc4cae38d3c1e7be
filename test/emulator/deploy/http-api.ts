// The HTTP API, at an address that stays: by the stage's name, and on the emulator's own port.
import {
  CreateApiCommand,
  CreateIntegrationCommand,
  CreateRouteCommand,
  CreateStageCommand,
  GetApisCommand,
  GetIntegrationsCommand,
  GetRoutesCommand,
  UpdateIntegrationCommand,
  UpdateRouteCommand,
} from "@aws-sdk/client-apigatewayv2";
import { deployer, unless, type Deployers } from "./deployer.ts";

interface ApiInputs {
  readonly name: string;
  readonly protocolType: "HTTP";
  readonly corsConfiguration?: {
    readonly allowOrigins?: string[];
    readonly allowMethods?: string[];
    readonly allowHeaders?: string[];
  };
}

/** MiniStack takes an API's id from this tag. */
const ID_TAG = "ms-custom-id";

const api = deployer<ApiInputs>({
  async put({ name, protocolType, corsConfiguration: cors }, { api, place }) {
    const { Items = [] } = await api.send(new GetApisCommand({}));
    const CorsConfiguration = cors?.allowOrigins && {
      AllowOrigins: cors.allowOrigins,
      AllowMethods: cors.allowMethods,
      AllowHeaders: cors.allowHeaders,
    };
    // SST's names are the app's, the stage's, the component's and an ending.
    const Tags = { [ID_TAG]: name.split("-").slice(0, -2).join("-") };
    const there = Items.find((item) => item.Name === name);
    const { ApiId: id = "" } =
      there ?? (await api.send(new CreateApiCommand({ Name: name, ProtocolType: protocolType, CorsConfiguration, Tags })));
    return {
      id,
      outputs: {
        apiEndpoint: `${place.endpoint}/_aws/execute-api/${id}`,
        executionArn: `arn:aws:execute-api:${place.region}:${place.account}:${id}`,
        arn: `arn:aws:apigateway:${place.region}::/apis/${id}`,
      },
    };
  },
});

const stage = deployer<{ readonly apiId: string; readonly name: string; readonly autoDeploy: boolean }>({
  async put({ apiId, name, autoDeploy }, { api }) {
    await unless("ConflictException", api.send(new CreateStageCommand({ ApiId: apiId, StageName: name, AutoDeploy: autoDeploy })));
    return { id: name };
  },
});

interface IntegrationInputs {
  readonly apiId: string;
  readonly integrationType: "AWS_PROXY";
  readonly integrationUri: string;
  readonly payloadFormatVersion: string;
}

const integration = deployer<IntegrationInputs>({
  async put({ apiId, integrationType, integrationUri, payloadFormatVersion }, { api }) {
    const wanted = {
      ApiId: apiId,
      IntegrationType: integrationType,
      IntegrationUri: integrationUri,
      PayloadFormatVersion: payloadFormatVersion,
    };
    const { Items = [] } = await api.send(new GetIntegrationsCommand({ ApiId: apiId }));
    const there = Items.find((item) => item.IntegrationUri === integrationUri)?.IntegrationId;
    if (there !== undefined) await api.send(new UpdateIntegrationCommand({ ...wanted, IntegrationId: there }));
    return { id: there ?? String((await api.send(new CreateIntegrationCommand(wanted))).IntegrationId) };
  },
});

const route = deployer<{ readonly apiId: string; readonly routeKey: string; readonly target: string }>({
  async put({ apiId, routeKey, target }, { api }) {
    const wanted = { ApiId: apiId, RouteKey: routeKey, Target: target };
    const { Items = [] } = await api.send(new GetRoutesCommand({ ApiId: apiId }));
    const there = Items.find((item) => item.RouteKey === routeKey)?.RouteId;
    if (there !== undefined) await api.send(new UpdateRouteCommand({ ...wanted, RouteId: there }));
    return { id: there ?? String((await api.send(new CreateRouteCommand(wanted))).RouteId) };
  },
});

export const httpApi: Deployers = {
  "aws:apigatewayv2/api:Api": api,
  "aws:apigatewayv2/stage:Stage": stage,
  "aws:apigatewayv2/integration:Integration": integration,
  "aws:apigatewayv2/route:Route": route,
};
