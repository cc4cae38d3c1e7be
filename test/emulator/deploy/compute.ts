// Roles, Lambdas and what wakes them, state machines.
import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import {
  AddPermissionCommand,
  CreateEventSourceMappingCommand,
  CreateFunctionCommand,
  DeleteEventSourceMappingCommand,
  DeleteFunctionCommand,
  ListEventSourceMappingsCommand,
  PutFunctionConcurrencyCommand,
  PutFunctionEventInvokeConfigCommand,
  RemovePermissionCommand,
  UpdateEventSourceMappingCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
  type Architecture,
  type Runtime,
} from "@aws-sdk/client-lambda";
import { CreateStateMachineCommand, DeleteStateMachineCommand, UpdateStateMachineCommand } from "@aws-sdk/client-sfn";
import type { Place } from "./clients.ts";
import { deployer, unless, type Deployers } from "./deployer.ts";

interface RoleInputs {
  readonly name: string;
  readonly assumeRolePolicy: string;
  readonly inlinePolicies?: readonly { readonly name: string; readonly policy: string }[];
}

const role = deployer<RoleInputs>({
  async put({ name, assumeRolePolicy, inlinePolicies = [] }, { iam, place }) {
    const isNew = await unless(
      "EntityAlreadyExistsException",
      iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: assumeRolePolicy })),
    );
    if (!isNew) await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: name, PolicyDocument: assumeRolePolicy }));
    for (const { name: PolicyName, policy } of inlinePolicies)
      await iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName, PolicyDocument: policy }));
    return { id: name, outputs: { arn: `arn:aws:iam::${place.account}:role/${name}` } };
  },
  async remove({ id, outputs }, { iam }) {
    for (const { name: PolicyName } of (outputs.inlinePolicies as RoleInputs["inlinePolicies"]) ?? [])
      await unless("NoSuchEntityException", iam.send(new DeleteRolePolicyCommand({ RoleName: id, PolicyName })));
    await unless("NoSuchEntityException", iam.send(new DeleteRoleCommand({ RoleName: id })));
  },
});

interface FunctionInputs {
  readonly name: string;
  readonly description: string;
  readonly role: string;
  readonly runtime: Runtime;
  readonly handler: string;
  readonly timeout: number;
  readonly memorySize: number;
  readonly architectures: Architecture[];
  readonly environment: { readonly variables: Readonly<Record<string, string>> };
  readonly loggingConfig: { readonly logFormat: "JSON"; readonly logGroup: string };
  readonly reservedConcurrentExecutions?: number;
  readonly s3Bucket: string;
  readonly s3Key: string;
}

const lambdaFunction = deployer<FunctionInputs>({
  async put(inputs, { lambda, place }) {
    const Code = { S3Bucket: inputs.s3Bucket, S3Key: inputs.s3Key };
    const configuration = {
      FunctionName: inputs.name,
      Description: inputs.description,
      Role: inputs.role,
      Runtime: inputs.runtime,
      Handler: inputs.handler,
      Timeout: inputs.timeout,
      MemorySize: inputs.memorySize,
      Environment: { Variables: { ...inputs.environment.variables, ...wayBack(place) } },
      LoggingConfig: { LogFormat: inputs.loggingConfig.logFormat, LogGroup: inputs.loggingConfig.logGroup },
    };
    const isNew = await unless(
      "ResourceConflictException",
      lambda.send(new CreateFunctionCommand({ ...configuration, Architectures: inputs.architectures, Code })),
    );
    if (!isNew) {
      await lambda.send(new UpdateFunctionConfigurationCommand(configuration));
      await lambda.send(new UpdateFunctionCodeCommand({ FunctionName: inputs.name, ...Code }));
    }
    if (inputs.reservedConcurrentExecutions !== undefined)
      await lambda.send(
        new PutFunctionConcurrencyCommand({
          FunctionName: inputs.name,
          ReservedConcurrentExecutions: inputs.reservedConcurrentExecutions,
        }),
      );
    const arn = `arn:aws:lambda:${place.region}:${place.account}:function:${inputs.name}`;
    return { id: inputs.name, outputs: { arn, version: "$LATEST", qualifiedArn: `${arn}:$LATEST`, invokeArn: arn } };
  },
  remove: ({ id }, { lambda }) => unless("ResourceNotFoundException", lambda.send(new DeleteFunctionCommand({ FunctionName: id }))),
});

/** On AWS a Lambda finds AWS by itself. */
const wayBack = ({ endpoint, region, account }: Place) => ({
  AWS_ENDPOINT_URL: endpoint,
  AWS_REGION: region,
  AWS_ACCESS_KEY_ID: account,
  AWS_SECRET_ACCESS_KEY: "test",
});

interface PermissionInputs {
  readonly function: string;
  readonly action: string;
  readonly principal: string;
  readonly sourceArn: string;
}

const permission = deployer<PermissionInputs>({
  async put({ function: FunctionName, action, principal, sourceArn }, { lambda }, { name: StatementId }) {
    await unless("ResourceNotFoundException", lambda.send(new RemovePermissionCommand({ FunctionName, StatementId })));
    await lambda.send(new AddPermissionCommand({ FunctionName, StatementId, Action: action, Principal: principal, SourceArn: sourceArn }));
    return { id: StatementId };
  },
});

interface MappingInputs {
  readonly eventSourceArn: string;
  readonly functionName: string;
  readonly batchSize: number;
  readonly functionResponseTypes: ["ReportBatchItemFailures"];
  readonly startingPosition?: "TRIM_HORIZON";
  readonly parallelizationFactor?: number;
  readonly bisectBatchOnFunctionError?: boolean;
  readonly maximumRetryAttempts?: number;
  readonly scalingConfig?: { readonly maximumConcurrency: number };
  readonly destinationConfig?: { readonly onFailure: { readonly destinationArn: string } };
  readonly filterCriteria?: { readonly filters: readonly { readonly pattern: string }[] };
}

const mapping = deployer<MappingInputs>({
  async put(inputs, { lambda }) {
    const { eventSourceArn: EventSourceArn, functionName: FunctionName, destinationConfig, filterCriteria, scalingConfig } = inputs;
    const wanted = {
      FunctionName,
      BatchSize: inputs.batchSize,
      FunctionResponseTypes: inputs.functionResponseTypes,
      ParallelizationFactor: inputs.parallelizationFactor,
      BisectBatchOnFunctionError: inputs.bisectBatchOnFunctionError,
      MaximumRetryAttempts: inputs.maximumRetryAttempts,
      ScalingConfig: scalingConfig && { MaximumConcurrency: scalingConfig.maximumConcurrency },
      DestinationConfig: destinationConfig && { OnFailure: { Destination: destinationConfig.onFailure.destinationArn } },
      FilterCriteria: filterCriteria && { Filters: filterCriteria.filters.map(({ pattern }) => ({ Pattern: pattern })) },
    };
    const { EventSourceMappings = [] } = await lambda.send(new ListEventSourceMappingsCommand({ FunctionName, EventSourceArn }));
    const there = EventSourceMappings[0]?.UUID;
    if (there !== undefined) await lambda.send(new UpdateEventSourceMappingCommand({ UUID: there, ...wanted }));
    const StartingPosition = inputs.startingPosition;
    const id = there ?? (await lambda.send(new CreateEventSourceMappingCommand({ EventSourceArn, StartingPosition, ...wanted }))).UUID;
    return { id: String(id), outputs: { uuid: id } };
  },
  remove: ({ id }, { lambda }) => unless("ResourceNotFoundException", lambda.send(new DeleteEventSourceMappingCommand({ UUID: id }))),
});

const invokeConfig = deployer<{ readonly functionName: string; readonly maximumRetryAttempts: number }>({
  async put({ functionName, maximumRetryAttempts }, { lambda }) {
    await lambda.send(new PutFunctionEventInvokeConfigCommand({ FunctionName: functionName, MaximumRetryAttempts: maximumRetryAttempts }));
    return { id: functionName };
  },
});

interface MachineInputs {
  readonly name: string;
  readonly type: "EXPRESS" | "STANDARD";
  readonly roleArn: string;
  readonly definition: string;
  readonly loggingConfiguration: { readonly level: "ERROR"; readonly includeExecutionData: boolean; readonly logDestination: string };
}

const machine = deployer<MachineInputs>({
  async put({ name, type, roleArn, definition, loggingConfiguration }, { states, place }) {
    const stateMachineArn = `arn:aws:states:${place.region}:${place.account}:stateMachine:${name}`;
    const wanted = {
      roleArn,
      definition,
      loggingConfiguration: {
        level: loggingConfiguration.level,
        includeExecutionData: loggingConfiguration.includeExecutionData,
        destinations: [{ cloudWatchLogsLogGroup: { logGroupArn: loggingConfiguration.logDestination } }],
      },
    };
    const isNew = await unless("StateMachineAlreadyExists", states.send(new CreateStateMachineCommand({ name, type, ...wanted })));
    if (!isNew) await states.send(new UpdateStateMachineCommand({ stateMachineArn, ...wanted }));
    return { id: stateMachineArn, outputs: { arn: stateMachineArn } };
  },
  remove: ({ id }, { states }) => states.send(new DeleteStateMachineCommand({ stateMachineArn: id })),
});

export const compute: Deployers = {
  "aws:iam/role:Role": role,
  "aws:lambda/function:Function": lambdaFunction,
  "aws:lambda/permission:Permission": permission,
  "aws:lambda/eventSourceMapping:EventSourceMapping": mapping,
  "aws:lambda/functionEventInvokeConfig:FunctionEventInvokeConfig": invokeConfig,
  "aws:sfn/stateMachine:StateMachine": machine,
};
