// Payloads, logs, artifacts and checkpoints of jobs (shared/adapters/aws/s3/keys.ts): private, encrypted, TLS only.
import { ANSWERS_FOLDER, names } from "../shared/names.ts";
import type { Inputs } from "./inputs.ts";

/** Parts of an upload that was never finished are paid for and seen nowhere. */
const UNFINISHED_UPLOAD_DAYS = 2;
const ANSWER_DAYS = 2;

export function jobsBucket({ isProduction }: Inputs) {
  const bucket = new sst.aws.Bucket(names.bucket, {
    enforceHttps: true,
    // Files are sent and fetched by signed links, by the CLI and by jobs: no browser is among them.
    cors: false,
    transform: { bucket: { forceDestroy: !isProduction } },
  });
  new aws.s3.BucketServerSideEncryptionConfiguration(`${names.bucket}Encryption`, {
    bucket: bucket.name,
    rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }],
  });
  new aws.s3.BucketLifecycleConfiguration(`${names.bucket}Lifecycle`, {
    bucket: bucket.name,
    rules: [
      {
        id: "unfinished-uploads",
        status: "Enabled",
        filter: { prefix: "" },
        abortIncompleteMultipartUpload: { daysAfterInitiation: UNFINISHED_UPLOAD_DAYS },
      },
      { id: "answers", status: "Enabled", filter: { prefix: `${ANSWERS_FOLDER}/` }, expiration: { days: ANSWER_DAYS } },
    ],
  });
  return bucket;
}
