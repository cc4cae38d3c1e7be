export { DynamoStore } from "./dynamo-store.ts";
export { createTable } from "./table-definition.ts";
