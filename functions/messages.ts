// Messages of a queue: each is handled by itself, and only those that failed come again.
import { BatchProcessor, EventType, processPartialResponse } from "@aws-lambda-powertools/batch";
import type { SQSHandler, SQSRecord } from "aws-lambda";
import type * as z from "zod";

export function sqsHandler<T>(schema: z.ZodType<T>, handle: (message: T) => Promise<void>): SQSHandler {
  const processor = new BatchProcessor(EventType.SQS);
  const attend = async ({ body, messageId }: SQSRecord): Promise<void> => {
    try {
      await handle(schema.parse(JSON.parse(body)));
    } catch (error) {
      // The message comes again; why is told nowhere else.
      console.error(`switchyard: message ${messageId} failed:`, error);
      throw error;
    }
  };
  return (event, context) => processPartialResponse(event, attend, processor, { context, throwOnFullBatchFailure: false });
}
