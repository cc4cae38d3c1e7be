// Reads a JSON body within its limits: size and depth are checked before anything recurses over it.
import { SwitchyardError } from "../domain/errors.ts";

export const bodyLimits = { bytes: 5 * 1024 * 1024, depth: 64 } as const;

/** Undefined for an empty body. @throws SwitchyardError `request.wrong_type`, `payload.too_large` or `request.invalid` */
export async function readBody(request: Request): Promise<unknown> {
  const text = await readText(request);
  if (text.trim() === "") return undefined;
  const type = request.headers.get("content-type") ?? "";
  if (!/^application\/json\s*(;|$)/i.test(type)) {
    throw new SwitchyardError(
      "request.wrong_type",
      `The body is ${type === "" ? "of no named type" : type}; send content-type: application/json.`,
    );
  }
  checkDepth(text);
  try {
    return JSON.parse(text, refuseProto) as unknown;
  } catch (error) {
    if (error instanceof SwitchyardError) throw error;
    throw new SwitchyardError("request.invalid", `The body is not JSON: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** Schemas would drop this key without a word. */
function refuseProto(this: unknown, key: string, value: unknown): unknown {
  if (key === "__proto__") throw new SwitchyardError("request.invalid", "The body has a key called __proto__, which is not allowed.");
  return value;
}

function tooLarge(): SwitchyardError {
  return new SwitchyardError(
    "payload.too_large",
    `The body is larger than ${bodyLimits.bytes} bytes (5 MB). Put large data in a file or a bucket and pass where it is.`,
  );
}

async function readText(request: Request): Promise<string> {
  const bytes = await readBytes(request);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new SwitchyardError("request.invalid", "The body is not valid UTF-8.");
  }
}

/** A body that tells its length is read at once: HTTP holds it to its word. Another is counted while it comes. */
async function readBytes(request: Request): Promise<ArrayBuffer | Buffer> {
  const told = request.headers.get("content-length");
  if (told !== null) {
    if (Number(told) > bodyLimits.bytes) throw tooLarge();
    return request.arrayBuffer();
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (request.body ?? []) as unknown as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > bodyLimits.bytes) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** JSON nests by brackets outside of strings: counted without a parser, whose recursion is what is to be kept short. */
function checkDepth(text: string): void {
  let [depth, isInString] = [0, false];
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (isInString) {
      if (code === 0x5c) index++;
      else if (code === 0x22) isInString = false;
    } else if (code === 0x22) isInString = true;
    else if (code === 0x7b || code === 0x5b) {
      if (++depth > bodyLimits.depth)
        throw new SwitchyardError("request.invalid", `The body nests deeper than ${bodyLimits.depth} levels.`);
    } else if (code === 0x7d || code === 0x5d) depth--;
  }
}
