// Names of what SST does not name itself: of one app's stage, the same each time.
export const named = (name: string): string => `${$app.name}-${$app.stage}-${name}`;

/** A logical name's part. */
export const capital = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

/** As a policy's text says it: nobody but one service may take on a role. */
export const trustOnly = (service: string): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Principal: { Service: service }, Action: "sts:AssumeRole" }],
  });

/** As above, and only on behalf of this account, so that no other account's machine or schedule does it through the service. */
export const trustForThisAccount = (service: string) =>
  aws.getCallerIdentityOutput().apply(({ accountId }) =>
    JSON.stringify({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: { Service: service },
          Action: "sts:AssumeRole",
          Condition: { StringEquals: { "aws:SourceAccount": accountId } },
        },
      ],
    }),
  );
