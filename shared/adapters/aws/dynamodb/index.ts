export { DynamoStore, type DynamoStoreOptions } from "./dynamo-store.ts";
export { createTable, tableDefinition, TTL_ATTRIBUTE } from "./table-definition.ts";
