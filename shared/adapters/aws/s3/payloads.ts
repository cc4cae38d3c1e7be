// Texts that are too large for the table, as objects.
import type { S3Client } from "@aws-sdk/client-s3";
import type { Payloads } from "../dynamodb/payloads.ts";
import { Objects } from "./objects.ts";

export class S3Payloads implements Payloads {
  readonly #objects: Objects;

  constructor(client: S3Client, bucket: string) {
    this.#objects = new Objects(client, bucket);
  }

  put(key: string, text: string): Promise<void> {
    return this.#objects.putText(key, text);
  }

  get(key: string): Promise<string | null> {
    return this.#objects.text(key);
  }

  removeAll(prefix: string): Promise<void> {
    return this.#objects.removeAll(prefix);
  }
}
