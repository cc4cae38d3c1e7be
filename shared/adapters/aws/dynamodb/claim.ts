/*
 * How an execution makes an attempt its own: an update of the job's item that the state machine sends by itself. A job in state
 * `starting` with `claimedAt` is running; whoever reads it knows (stored-job.ts), and the next write of the job says so.
 *
 *   :execution  S  the execution's ARN     :attempt   S  the attempt's id
 *   :at         S  ISO 8601, when it began :starting  S  "starting"
 *   :lease      N  ms since 1970: believed alive until then
 *   :one        N  1
 *
 * The same execution may claim again. A job that is to be cancelled (`wish`) is claimed by nobody.
 */
export const claimUpdate = {
  UpdateExpression: "SET #claim = :execution, #claimedAt = :at, #lease = :lease ADD #v :one",
  ConditionExpression:
    "#attempt = :attempt AND #st = :starting AND attribute_not_exists(#wish) AND (attribute_not_exists(#claim) OR #claim = :execution)",
  ExpressionAttributeNames: {
    "#claim": "claim", "#claimedAt": "claimedAt", "#lease": "lease", "#v": "v", "#attempt": "attempt", "#st": "st", "#wish": "wish",
  }, // prettier-ignore
} as const;
