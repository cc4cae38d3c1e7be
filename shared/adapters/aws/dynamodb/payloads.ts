/** Where texts lie that are too large for the table. A key that was put is never put again with another text. */
export interface Payloads {
  put(key: string, text: string): Promise<void>;
  /** Null = it is not there. */
  get(key: string): Promise<string | null>;
  removeAll(prefix: string): Promise<void>;
}
