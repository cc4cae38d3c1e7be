// What authors of jobs import: `import { defineJob } from "switchyard"`.
export { defineJob } from "./define-job.ts";
export type { DurationInput, Isolation, JobContext, JobDefinition, ParamsOf, ResultOf, RetryOptions } from "./define-job.ts";
export { NonRetryableError, RetryAfterError } from "./errors.ts";
export type { ErrorMore } from "./errors.ts";
export { defineWorkflow } from "./define-workflow.ts";
export type { Step, Workflow } from "./define-workflow.ts";
export type { Ref } from "./reference.ts";
