// List prices of us-east-1 in dollars, without free tiers, as of November 2026. docs/cost.md shows the same arithmetic.
const MILLION = 1e6;

export const prices = {
  /** DynamoDB on demand, per unit. */
  write: 0.625 / MILLION,
  read: 0.125 / MILLION,
  httpRequest: 1 / MILLION,
  lambdaRequest: 0.2 / MILLION,
  /** arm64 */
  lambdaGbSecond: 0.0000133334,
  sqsRequest: 0.4 / MILLION,
  expressRequest: 1 / MILLION,
  expressGbSecond: 0.00001667,
  standardTransition: 25 / MILLION,
  event: 1 / MILLION,
  logGb: 0.5,
} as const;

/** What one job takes, beside its own compute. */
export interface Taken {
  readonly writes: number;
  readonly reads: number;
  readonly httpRequests: number;
  readonly lambdaRequests: number;
  readonly lambdaGbSeconds: number;
  readonly sqsRequests: number;
  readonly expressRequests: number;
  readonly expressGbSeconds: number;
  readonly standardTransitions: number;
  readonly logBytes: number;
}

export const dollarsPerMillion = (taken: Taken): Record<keyof Taken, number> => {
  const each: Record<keyof Taken, number> = {
    writes: taken.writes * prices.write,
    reads: taken.reads * prices.read,
    httpRequests: taken.httpRequests * prices.httpRequest,
    lambdaRequests: taken.lambdaRequests * prices.lambdaRequest,
    lambdaGbSeconds: taken.lambdaGbSeconds * prices.lambdaGbSecond,
    sqsRequests: taken.sqsRequests * prices.sqsRequest,
    expressRequests: taken.expressRequests * prices.expressRequest,
    expressGbSeconds: taken.expressGbSeconds * prices.expressGbSecond,
    standardTransitions: taken.standardTransitions * prices.standardTransition,
    logBytes: (taken.logBytes / 2 ** 30) * prices.logGb,
  };
  return Object.fromEntries(Object.entries(each).map(([name, dollars]) => [name, dollars * MILLION])) as Record<keyof Taken, number>;
};

export const totalOf = (costs: Record<string, number>): number => Object.values(costs).reduce((sum, cost) => sum + cost, 0);
