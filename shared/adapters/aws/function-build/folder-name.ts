import { createHash } from "node:crypto";

const HASH_CHARS = 8;
/** Windows has devices of these names in every folder. */
const reserved = /^(con|prn|aux|nul|com\d|lpt\d)$/;

/**
 * Of the folder of a function: its name, unless a file system could take it for another's (upper case), for something else, or for
 * one of the files beside the folders (dots). Then a hash makes it unique.
 */
export function folderName(functionName: string): string {
  if (/^[a-z][a-z0-9_-]*$/.test(functionName) && !reserved.test(functionName)) return functionName;
  const hash = createHash("sha256").update(functionName).digest("hex").slice(0, HASH_CHARS);
  return `${functionName.toLowerCase().replaceAll(".", "-")}-${hash}`;
}
