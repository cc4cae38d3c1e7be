// How an event type is declared: one row in the catalogue, with the shape of its data and an example.
import * as z from "zod";

/** What an attempt or a job failed with, as users see it. */
export const JobErrorSchema = z
  .object({
    code: z.string().describe("A failure code such as function.threw, process.exit_3 or user.card_declined"),
    message: z.string(),
    retryable: z.boolean(),
    details: z.json().optional(),
  })
  .meta({ id: "JobError" });

export interface EventType<Type extends string = string, Data extends z.ZodType = z.ZodType> {
  readonly type: Type;
  readonly version: number;
  readonly says: string;
  readonly data: Data;
  readonly example: z.input<Data>;
}

export const defineEvent = <Type extends string, Data extends z.ZodType>(
  type: Type,
  says: string,
  data: Data,
  example: z.input<Data>,
): EventType<Type, Data> => ({ type, version: 1, says, data, example });

export const nothing = z.object({});
