// The whole of a stage, from what stores to what watches.
import { alarms } from "./alarms.ts";
import { httpApi } from "./api.ts";
import { jobsBucket } from "./bucket.ts";
import { eventBus } from "./bus.ts";
import { ticks } from "./clock.ts";
import { dashboard } from "./dashboard.ts";
import { executionEvents } from "./execution-events.ts";
import { apiFunction, dispatchers, followingFunctions, stepFunctions, type Base } from "./functions.ts";
import { readInputs } from "./inputs.ts";
import { jobFunctions } from "./job-functions.ts";
import { jobMachines } from "./machines.ts";
import { stageParameters, urlParameter } from "./parameters.ts";
import { jobQueues } from "./queues.ts";
import { eventSources } from "./sources.ts";
import { jobsTable } from "./table.ts";

export function switchyard() {
  const inputs = readInputs($app.stage);
  const table = jobsTable(inputs);
  const bucket = jobsBucket(inputs);
  const bus = eventBus();
  const queues = jobQueues();
  const parameters = stageParameters();
  const httpGateway = httpApi(inputs);
  urlParameter(httpGateway.url);
  const jobs = jobFunctions(inputs);
  const base: Base = { inputs, table, bucket, bus, queues, parameters, jobs, apiUrl: httpGateway.url };

  const steps = stepFunctions(base);
  const machines = jobMachines({ table, ...steps }, inputs);
  const api = apiFunction(base);
  const dispatch = dispatchers(base, machines);
  const { stream, clock, recover, wake, executionEnded } = followingFunctions(base);

  httpGateway.route("$default", api.arn);
  eventSources({ dispatch, wake, stream }, table, queues, inputs);
  ticks({ clock, recover }, queues);
  executionEvents(machines.standard, executionEnded, queues);

  const unthrottled = { api, ...steps, stream, clock, recover, wake, executionEnded };
  const watched = { api: httpGateway, machines, queues, stream, unthrottled, ticking: { clock, recover } };
  alarms(watched, inputs);
  if (inputs.dashboard) dashboard(watched, table);

  return {
    url: httpGateway.url,
    table: table.name,
    bucket: bucket.name,
    bus: bus.name,
    token: $interpolate`aws ssm get-parameter --with-decryption --query Parameter.Value --output text --name ${parameters.token.name}`,
  };
}
