// Whatever is written to stdout and stderr goes to the log of the attempt that wrote it, also after its end. console writes there too.
import type { Stream } from "../attempt/log-format.ts";
import type { AttemptFiles } from "./attempt-files.ts";

/** `filesOfWriter` = undefined: nobody's words, as of timers that a module set when it was loaded. They are dropped. */
export function captureOutput(filesOfWriter: () => AttemptFiles | undefined): void {
  for (const stream of ["stdout", "stderr"] as const) process[stream].write = writer(stream, filesOfWriter);
}

type Done = (error?: Error | null) => void;

function writer(stream: Stream, filesOfWriter: () => AttemptFiles | undefined): NodeJS.WriteStream["write"] {
  return (chunk: string | Uint8Array, encoding?: BufferEncoding | Done, callback?: Done): boolean => {
    const bytes = typeof chunk === "string" ? Buffer.from(chunk, typeof encoding === "string" ? encoding : "utf8") : chunk;
    filesOfWriter()?.write(stream, bytes);
    const done = typeof encoding === "function" ? encoding : callback;
    if (done) process.nextTick(done);
    return true;
  };
}
