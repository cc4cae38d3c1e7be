export { claimUpdate } from "./claim.ts";
export { DynamoStore } from "./dynamo-store.ts";
export { jobPk } from "./keys.ts";
export type { Payloads } from "./payloads.ts";
export { Relay } from "./relay.ts";
export { createTable } from "./table-definition.ts";
export { Table } from "./table.ts";
