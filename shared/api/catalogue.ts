// What there is to run, and where.
import * as z from "zod";
import { didYouMean, SwitchyardError } from "../domain/errors.ts";
import type { Executor, ExecutorKind } from "../ports/executor.ts";
import type { FunctionInfo } from "../ports/functions.ts";
import { ByName, ListOf } from "./fields.ts";
import { answer, type Register } from "./route.ts";

const FunctionAnswer = z
  .object({
    name: z.string(), description: z.string().optional(), params: z.json(), result: z.json().optional(), timeout: z.json().optional(),
    retry: z.json().optional(), isolation: z.string(),
  })
  .meta({ id: "Function" }); // prettier-ignore

const functionAnswer = ({ name, description, paramsSchema, resultSchema, timeout, retry, isolation }: FunctionInfo): Record<string, unknown> => ({
  name, description, params: paramsSchema, result: resultSchema, timeout, retry, isolation,
}); // prettier-ignore

const ExecutorAnswer = z
  .object({ name: z.string(), types: z.array(z.string()), running: z.int().optional(), capacity: z.int().optional() })
  .meta({ id: "Executor" });

const isOfThisProcess = (executor: ExecutorKind): executor is Executor => "capacity" in executor;

export function catalogueRoutes(register: Register): void {
  register({
    method: "get",
    path: "/v1/functions",
    summary: "The functions of the jobs folder, with the JSON Schema of their params",
    answers: { 200: { description: "All of them", schema: ListOf(FunctionAnswer) } },
    handle: ({ context }) => answer({ items: context.platform.functions.functions().map(functionAnswer) }),
  });
  register({
    method: "get",
    path: "/v1/functions/{name}",
    summary: "One function",
    params: ByName,
    answers: { 200: { description: "The function", schema: FunctionAnswer } },
    handle: ({ context, params }) => {
      const info = context.platform.functions.get(params.name);
      if (info) return answer(functionAnswer(info));
      const names = context.platform.functions.functions().map(({ name }) => name);
      throw new SwitchyardError("function.not_found", `There is no function ${params.name}.${didYouMean(params.name, names)}`);
    },
  });
  register({
    method: "get",
    path: "/v1/executors",
    summary: "What carries out jobs here, and how much it has in hand",
    answers: { 200: { description: "All of them", schema: ListOf(ExecutorAnswer) } },
    handle: ({ context }) =>
      answer({
        items: context.platform.executors.map((executor) => ({
          name: executor.name,
          types: executor.types,
          ...(isOfThisProcess(executor) && { running: context.attempts.held(executor), capacity: executor.capacity }),
        })),
      }),
  });
}
