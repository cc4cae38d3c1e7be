// What opens the API on AWS: the stage's token, or a JWT of the configured issuer.
import { timingSafeEqual } from "node:crypto";

export interface Bearers {
  readonly token: () => Promise<string>;
  readonly jwt?: { readonly issuer: string; readonly audience: string };
}

export function bearerOpens({ token, jwt }: Bearers): (bearer: string) => Promise<boolean> {
  const verify = jwt && verifierOf(jwt);
  return async (bearer) => {
    const [given, wanted] = [Buffer.from(bearer), Buffer.from(await token())];
    if (given.length === wanted.length && timingSafeEqual(given, wanted)) return true;
    return verify !== undefined && bearer.split(".").length === 3 && (await verify(bearer));
  };
}

function verifierOf({ issuer, audience }: NonNullable<Bearers["jwt"]>): (bearer: string) => Promise<boolean> {
  let keys: Promise<Parameters<typeof import("jose").jwtVerify>[1]> | undefined;
  return async (bearer) => {
    // Only stages with an issuer pay for loading it.
    const { createRemoteJWKSet, jwtVerify } = await import("jose");
    keys ??= addressOfKeys(issuer).then((address) => createRemoteJWKSet(address) as never);
    keys.catch(() => (keys = undefined));
    try {
      await jwtVerify(bearer, await keys, { issuer, audience });
      return true;
    } catch (error) {
      if (error instanceof TypeError) throw error;
      return false;
    }
  };
}

/** OpenID Connect Discovery 1.0, section 4. */
async function addressOfKeys(issuer: string): Promise<URL> {
  const response = await fetch(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
  if (!response.ok) throw new Error(`the issuer ${issuer} does not say where its keys are (${response.status})`);
  const { jwks_uri: address } = (await response.json()) as { jwks_uri: string };
  return new URL(address);
}
