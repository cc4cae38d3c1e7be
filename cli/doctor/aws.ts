// What a stage in an AWS account needs, seen with the rights of whoever asks.
import type { GetQueueAttributesCommandOutput } from "@aws-sdk/client-sqs";
import { parameterPrefix } from "../../shared/names.ts";
import { fail, ok, warn, type Check } from "./check.ts";

/** A new account may run ten functions at once: one job uses up to three. */
const CONCURRENCY_WANTED = 100;
const DEAD_LETTERS = /DeadLetters|Undelivered/;

export async function awsChecks(stage: string): Promise<Check[]> {
  const account = await accountCheck();
  if (account.verdict === "fail") return [account];
  const found = await Promise.all([concurrencyCheck(), deploymentChecks(stage), deadLettersCheck(stage)].map(asChecks));
  return [account, ...found.flat()];
}

async function accountCheck(): Promise<Check> {
  const { STSClient, GetCallerIdentityCommand } = await import("@aws-sdk/client-sts");
  const client = new STSClient({});
  try {
    const [region, { Account, Arn }] = await Promise.all([client.config.region(), client.send(new GetCallerIdentityCommand({}))]);
    const where = process.env.AWS_ENDPOINT_URL ? `, at ${process.env.AWS_ENDPOINT_URL}` : "";
    return ok("account", `${Account} in ${region} as ${Arn}${where}`);
  } catch (error) {
    return fail(
      "account",
      `AWS cannot be asked: ${messageOf(error)}`,
      "Set AWS_PROFILE or credentials, and AWS_REGION; `aws sts get-caller-identity` must work.",
    );
  }
}

async function concurrencyCheck(): Promise<Check> {
  const { LambdaClient, GetAccountSettingsCommand } = await import("@aws-sdk/client-lambda");
  const { AccountLimit } = await new LambdaClient({}).send(new GetAccountSettingsCommand({}));
  const most = AccountLimit?.ConcurrentExecutions ?? 0;
  const says = `Lambda runs at most ${most} functions at once in this account.`;
  return most >= CONCURRENCY_WANTED
    ? ok("concurrency", says)
    : warn(
        "concurrency",
        says,
        'Ask for more: Service Quotas, AWS Lambda, "Concurrent executions" (docs/deploy.md). Jobs wait meanwhile, none is lost.',
      );
}

async function deploymentChecks(stage: string): Promise<Check[]> {
  const { SSMClient, GetParametersCommand } = await import("@aws-sdk/client-ssm");
  const [url, token] = ["url", "token"].map((name) => `${parameterPrefix(stage)}/${name}`);
  const { Parameters = [] } = await new SSMClient({}).send(new GetParametersCommand({ Names: [url!, token!], WithDecryption: true }));
  const valueOf = (name: string | undefined) => Parameters.find(({ Name }) => Name === name)?.Value;
  const [address, secret] = [valueOf(url), valueOf(token)];
  if (!address || !secret)
    return [fail("stage", `There is no stage ${stage} here.`, `Deploy it: npx sst deploy --stage ${stage}; or name another with --stage.`)];
  return [ok("stage", `${stage} at ${address}`), await healthCheck(address, secret)];
}

async function healthCheck(address: string, token: string): Promise<Check> {
  try {
    const response = await fetch(`${address.replace(/\/$/, "")}/v1/executors`, { headers: { authorization: `Bearer ${token}` } });
    if (response.ok) return ok("api", `It answers, and takes the stage's token. SWITCHYARD_URL=${address}`);
    return fail(
      "api",
      `It answers ${response.status} to the stage's own token.`,
      "Look at the log group of the api function in CloudWatch.",
    );
  } catch (error) {
    return fail("api", `It does not answer: ${messageOf(error)}`, "Deploy the stage again, or look at API Gateway in the console.");
  }
}

async function deadLettersCheck(stage: string): Promise<Check> {
  const { SQSClient, ListQueuesCommand, GetQueueAttributesCommand } = await import("@aws-sdk/client-sqs");
  const client = new SQSClient({});
  const { QueueUrls = [] } = await client.send(new ListQueuesCommand({ QueueNamePrefix: `switchyard-${stage}-`, MaxResults: 100 }));
  const letters = QueueUrls.filter((address) => DEAD_LETTERS.test(address));
  const counts = await Promise.all(
    letters.map(async (QueueUrl) =>
      countOf(await client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["ApproximateNumberOfMessages"] }))),
    ),
  );
  const total = counts.reduce((sum, count) => sum + count, 0);
  return total === 0
    ? ok("messages", `No message failed for good (${letters.length} dead-letter queues).`)
    : warn(
        "messages",
        `${total} messages failed five times.`,
        "`recover` takes them back within five minutes; if they come again, look at the log groups of the stage.",
      );
}

const countOf = ({ Attributes }: GetQueueAttributesCommandOutput): number => Number(Attributes?.ApproximateNumberOfMessages ?? 0);

async function asChecks(work: Promise<Check | Check[]>): Promise<Check[]> {
  try {
    return [await work].flat();
  } catch (error) {
    return [
      warn(
        "rights",
        `Something could not be looked at: ${messageOf(error)}`,
        "Ask with credentials that may read Lambda, SSM and SQS of the stage.",
      ),
    ];
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
