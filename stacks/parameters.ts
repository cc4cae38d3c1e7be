// The stage's own secrets: the API's token, and the key that signs the tokens of attempts.
import { parameterPrefix } from "../shared/names.ts";
import { capital } from "./named.ts";

/** As many as 256 bits need, of 62 characters. */
const SECRET_CHARS = 43;

export interface Parameters {
  readonly prefix: string;
  readonly token: aws.ssm.Parameter;
  readonly attemptKey: aws.ssm.Parameter;
  /** What operators put there for jobs, as an ARN (shared/adapters/aws/secrets.ts). */
  readonly secretsOfJobs: $util.Output<string>;
}

/** Where its API is, for whoever knows the stage only. */
export const urlParameter = (url: $util.Output<string>) =>
  new aws.ssm.Parameter("ApiUrlParameter", { name: `${parameterPrefix($app.stage)}/url`, type: "String", value: url });

export function stageParameters(): Parameters {
  const prefix = parameterPrefix($app.stage);
  const secret = (name: string, logical: string) => {
    const value = new random.RandomPassword(logical, { length: SECRET_CHARS, special: false });
    return new aws.ssm.Parameter(`${capital(logical)}Parameter`, {
      name: `${prefix}/${name}`,
      type: "SecureString",
      value: value.result,
    });
  };
  const token = secret("token", "ApiToken");
  const secretsOfJobs = token.arn.apply((arn) => arn.replace(/\/token$/, "/secrets/*"));
  return { prefix, token, attemptKey: secret("attempt-key", "AttemptKey"), secretsOfJobs };
}
