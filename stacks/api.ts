// The HTTP API in front of functions/api.ts: one route, because routes are the program's business.
import { names } from "../shared/names.ts";
import type { Inputs } from "./inputs.ts";

export const httpApi = ({ domain, cors, quotas, logs }: Inputs) =>
  new sst.aws.ApiGatewayV2(names.api, {
    cors:
      cors.length === 0
        ? false
        : {
            allowOrigins: [...cors],
            allowMethods: ["GET", "POST", "PUT", "PATCH", "DELETE"],
            allowHeaders: ["authorization", "content-type", "idempotency-key"],
          },
    ...(domain && { domain: domain.certificate ? { name: domain.name, cert: domain.certificate, dns: false } : domain.name }),
    transform: {
      logGroup: { retentionInDays: logs.retentionDays },
      stage: {
        defaultRouteSettings: { throttlingRateLimit: quotas.requestsPerSecond, throttlingBurstLimit: quotas.requestBurst },
      },
    },
  });
