// Reads what a job left in its folder without trusting it: no links, no pipes, no endless files.
import { constants } from "node:fs";
import { open } from "node:fs/promises";

/** Null = there is no such file; `tooLarge` = it is there, but longer than what is read. */
export type LeftFile = { readonly text: string } | { readonly tooLarge: true } | { readonly unreadable: string } | null;

export async function readLeft(path: string, bytesMax: number): Promise<LeftFile> {
  // A link could lead a server that runs containers to any file of the host; opening a pipe could wait forever.
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK).catch(
    (error: NodeJS.ErrnoException) => error,
  );
  if (file instanceof Error) return file.code === "ENOENT" ? null : { unreadable: file.code === "ELOOP" ? "is a link" : file.message };
  try {
    const found = await file.stat();
    if (!found.isFile()) return { unreadable: "is not a file" };
    if (found.size > bytesMax) return { tooLarge: true };
    return { text: await file.readFile("utf8") };
  } finally {
    await file.close();
  }
}

/** How deep brackets are nested in a JSON text: too deep a value breaks whoever walks through it. */
export function jsonDepth(text: string): number {
  let depth = 0;
  let deepest = 0;
  let inString = false;
  for (let index = 0; index < text.length; index++) {
    const character = text[index];
    if (inString && character === "\\") index++;
    else if (character === '"') inString = !inString;
    else if (inString) continue;
    else if (character === "[" || character === "{") deepest = Math.max(deepest, ++depth);
    else if (character === "]" || character === "}") depth--;
  }
  return deepest;
}
