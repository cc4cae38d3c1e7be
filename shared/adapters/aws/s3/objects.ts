// The few things that are done with objects, with absence as an answer.
import {
  DeleteObjectsCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  type S3Client,
} from "@aws-sdk/client-s3";
import { getSignedUrl } from "@aws-sdk/s3-request-presigner";

/** How long somebody may take to begin a transfer. */
const LINK_SECONDS = 900;
const KEYS_PER_REQUEST = 1000;

export interface Listed {
  readonly key: string;
  readonly size: number;
}

export class Objects {
  readonly #client: S3Client;
  readonly #bucket: string;

  constructor(client: S3Client, bucket: string) {
    this.#client = client;
    this.#bucket = bucket;
  }

  async putText(key: string, text: string): Promise<void> {
    await this.#client.send(new PutObjectCommand({ Bucket: this.#bucket, Key: key, Body: text }));
  }

  async text(key: string): Promise<string | null> {
    const body = await this.#body(key);
    return body === null ? null : body.transformToString();
  }

  async stream(key: string): Promise<ReadableStream<Uint8Array> | null> {
    const body = await this.#body(key);
    return body === null ? null : (body.transformToWebStream() as ReadableStream<Uint8Array>);
  }

  async #body(key: string) {
    try {
      return (await this.#client.send(new GetObjectCommand({ Bucket: this.#bucket, Key: key }))).Body ?? null;
    } catch (error) {
      if (error instanceof NoSuchKey) return null;
      throw error;
    }
  }

  /** Sorted by key; `max` of them at most. */
  async list(prefix: string, max: number): Promise<Listed[]> {
    const found: Listed[] = [];
    let token: string | undefined;
    do {
      const page = await this.#client.send(
        new ListObjectsV2Command({ Bucket: this.#bucket, Prefix: prefix, MaxKeys: KEYS_PER_REQUEST, ContinuationToken: token }),
      );
      found.push(...(page.Contents ?? []).flatMap(({ Key, Size }) => (Key === undefined ? [] : [{ key: Key, size: Size ?? 0 }])));
      token = page.NextContinuationToken;
    } while (token !== undefined && found.length < max);
    return found.slice(0, max);
  }

  async removeAll(prefix: string): Promise<void> {
    for (;;) {
      const page = await this.list(prefix, KEYS_PER_REQUEST);
      if (page.length === 0) return;
      await this.#client.send(
        new DeleteObjectsCommand({ Bucket: this.#bucket, Delete: { Objects: page.map(({ key }) => ({ Key: key })), Quiet: true } }),
      );
    }
  }

  linkToGet(key: string, contentType: string): Promise<string> {
    const command = new GetObjectCommand({ Bucket: this.#bucket, Key: key, ResponseContentType: contentType });
    return getSignedUrl(this.#client, command, { expiresIn: LINK_SECONDS });
  }

  /** The length is signed: nothing larger can be put there. */
  linkToPut(key: string, bytes: number, contentType: string): Promise<string> {
    const command = new PutObjectCommand({ Bucket: this.#bucket, Key: key, ContentLength: bytes, ContentType: contentType });
    return getSignedUrl(this.#client, command, {
      expiresIn: LINK_SECONDS,
      signableHeaders: new Set(["content-length", "content-type"]),
    });
  }
}
