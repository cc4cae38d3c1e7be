import type { HostData } from "./messages.ts";

/** How a host is started. */
export interface Setup {
  readonly entry: URL;
  readonly env: Readonly<Record<string, string>>;
  readonly heapMb: number;
  readonly data: HostData;
}
