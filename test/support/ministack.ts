// Buckets for tests: S3 as MiniStack has it.
import { CreateBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { canEmulate, startEmulator } from "../emulator/emulator.ts";

export interface MiniStack {
  readonly s3: S3Client;
  /** A new one. */
  bucket(): Promise<string>;
  stop(): Promise<void>;
}

/** Null where it is not installed; in CI that is an error. */
export async function startMiniStack(): Promise<MiniStack | null> {
  if (!canEmulate()) return null;
  const emulator = await startEmulator();
  const credentials = { accessKeyId: "test", secretAccessKey: "test" };
  const s3 = new S3Client({ endpoint: emulator.url, region: "us-east-1", credentials, forcePathStyle: true });
  let buckets = 0;
  return {
    s3,
    bucket: async () => {
      const Bucket = `bucket-${++buckets}`;
      await s3.send(new CreateBucketCommand({ Bucket }));
      return Bucket;
    },
    stop: async () => {
      s3.destroy();
      await emulator.stop();
    },
  };
}
