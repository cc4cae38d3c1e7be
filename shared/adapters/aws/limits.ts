import { MINUTE } from "../../domain/duration.ts";

/** The longest that a Lambda runs. Its wrapper takes the last seconds to say how the attempt ended. */
export const FUNCTION_LIMIT_MS = 15 * MINUTE;
