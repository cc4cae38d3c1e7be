// Log groups, alarms and the dashboard.
import { DeleteAlarmsCommand, PutDashboardCommand, PutMetricAlarmCommand, type Statistic } from "@aws-sdk/client-cloudwatch";
import { CreateLogGroupCommand, DeleteLogGroupCommand, PutRetentionPolicyCommand } from "@aws-sdk/client-cloudwatch-logs";
import { deployer, unless, type Deployers } from "./deployer.ts";

const logGroup = deployer<{ readonly name: string; readonly retentionInDays: number }>({
  async put({ name, retentionInDays }, { logs, place }) {
    await unless("ResourceAlreadyExistsException", logs.send(new CreateLogGroupCommand({ logGroupName: name })));
    await logs.send(new PutRetentionPolicyCommand({ logGroupName: name, retentionInDays }));
    return { id: name, outputs: { arn: `arn:aws:logs:${place.region}:${place.account}:log-group:${name}` } };
  },
  remove: ({ id }, { logs }) => unless("ResourceNotFoundException", logs.send(new DeleteLogGroupCommand({ logGroupName: id }))),
});

interface Metric {
  readonly namespace: string;
  readonly metricName: string;
  readonly period: number;
  readonly dimensions: Readonly<Record<string, string>>;
}

interface AlarmInputs extends Partial<Metric> {
  readonly name: string;
  readonly alarmDescription: string;
  readonly statistic?: Statistic;
  readonly threshold: number;
  readonly metricQueries?: readonly {
    readonly id: string;
    readonly expression?: string;
    readonly returnData?: boolean;
    readonly metric?: Metric & { readonly stat: string };
  }[];
}

const dimensionsOf = (dimensions: Readonly<Record<string, string>> = {}) =>
  Object.entries(dimensions).map(([Name, Value]) => ({ Name, Value }));

const alarm = deployer<AlarmInputs>({
  async put({ name, alarmDescription, threshold, metricQueries, ...metric }, { cloudwatch }) {
    const one = {
      Namespace: metric.namespace,
      MetricName: metric.metricName,
      Statistic: metric.statistic,
      Period: metric.period,
      Dimensions: dimensionsOf(metric.dimensions),
    };
    const Metrics = metricQueries?.map(({ id, expression, returnData, metric: of }) => ({
      Id: id,
      Expression: expression,
      ReturnData: returnData ?? false,
      MetricStat: of && {
        Metric: { Namespace: of.namespace, MetricName: of.metricName, Dimensions: dimensionsOf(of.dimensions) },
        Period: of.period,
        Stat: of.stat,
      },
    }));
    await cloudwatch.send(
      new PutMetricAlarmCommand({
        AlarmName: name,
        AlarmDescription: alarmDescription,
        ComparisonOperator: "GreaterThanThreshold",
        EvaluationPeriods: 1,
        TreatMissingData: "notBreaching",
        Threshold: threshold,
        ...(Metrics ? { Metrics } : one),
      }),
    );
    return { id: name };
  },
  remove: ({ id }, { cloudwatch }) => cloudwatch.send(new DeleteAlarmsCommand({ AlarmNames: [id] })),
});

const dashboard = deployer<{ readonly dashboardName: string; readonly dashboardBody: string }>({
  async put({ dashboardName, dashboardBody }, { cloudwatch }) {
    await cloudwatch.send(new PutDashboardCommand({ DashboardName: dashboardName, DashboardBody: dashboardBody }));
    return { id: dashboardName };
  },
});

export const watching: Deployers = {
  "aws:cloudwatch/logGroup:LogGroup": logGroup,
  "aws:cloudwatch/metricAlarm:MetricAlarm": alarm,
  "aws:cloudwatch/dashboard:Dashboard": dashboard,
};
