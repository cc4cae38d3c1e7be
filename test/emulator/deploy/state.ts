// What a deployment made, kept in the emulator itself, as SST keeps it in the account: it goes when the resources go.
import { CreateBucketCommand, GetObjectCommand, NoSuchKey, PutObjectCommand } from "@aws-sdk/client-s3";
import { assetBucket } from "../../graph-harness/cli-server.ts";
import type { Made } from "../../graph-harness/monitor.ts";
import type { Clients } from "./clients.ts";
import { unless } from "./deployer.ts";

export interface Kept extends Made {
  readonly type: string;
  /** Of its inputs: what has not changed need not be made again. */
  readonly digest: string;
}

/** By URN. */
export type State = Record<string, Kept>;

const keyOf = (stage: string): string => `state/${stage}.json`;

/** Makes the bucket too that code is put into. */
export async function readState(stage: string, { s3, place }: Clients): Promise<State> {
  const Bucket = assetBucket(place.region);
  await unless("BucketAlreadyOwnedByYou BucketAlreadyExists", s3.send(new CreateBucketCommand({ Bucket })));
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket, Key: keyOf(stage) }));
    return JSON.parse((await Body?.transformToString()) ?? "{}") as State;
  } catch (error) {
    if (error instanceof NoSuchKey) return {};
    throw error;
  }
}

export async function writeState(stage: string, state: State, { s3, place }: Clients): Promise<void> {
  await s3.send(new PutObjectCommand({ Bucket: assetBucket(place.region), Key: keyOf(stage), Body: JSON.stringify(state) }));
}
