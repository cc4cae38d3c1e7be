// Tokens of an OpenID Connect issuer, from an issuer on this machine.
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey } from "jose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bearerOpens } from "../../shared/adapters/aws/bearer.ts";

describe("the API of a stage with an issuer", () => {
  let server: Server;
  let issuer = "";
  let key: CryptoKey;
  let other: CryptoKey;
  beforeAll(async () => {
    const pair = await generateKeyPair("RS256");
    [key, other] = [pair.privateKey, (await generateKeyPair("RS256")).privateKey];
    const keys = { keys: [{ ...(await exportJWK(pair.publicKey)), kid: "1", alg: "RS256" }] };
    server = createServer(({ url }, answer) => {
      const found = url === "/keys" ? keys : url === "/.well-known/openid-configuration" ? { issuer, jwks_uri: `${issuer}/keys` } : null;
      answer.writeHead(found ? 200 : 404, { "content-type": "application/json" }).end(JSON.stringify(found));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => server.close());

  const token = async () => "the-stage's-own";
  const signed = (by: CryptoKey, audience = "switchyard", from = issuer, expires = "5m"): Promise<string> =>
    new SignJWT({}).setProtectedHeader({ alg: "RS256", kid: "1" }).setIssuer(from).setAudience(audience).setExpirationTime(expires).sign(by); // prettier-ignore

  test("opens to its own token and to what the issuer signed for it", async () => {
    const opens = bearerOpens({ token, jwt: { issuer, audience: "switchyard" } });
    expect(await opens("the-stage's-own")).toBe(true);
    expect(await opens(await signed(key))).toBe(true);
  });

  test("stays closed to another key, audience or issuer, to what is over, and to what is no token", async () => {
    const opens = bearerOpens({ token, jwt: { issuer, audience: "switchyard" } });
    const wrong = [await signed(other), await signed(key, "others"), await signed(key, "switchyard", "http://elsewhere"), await signed(key, "switchyard", issuer, "-1m"), "a.b.c", "the-stage's-ow", ""]; // prettier-ignore
    for (const bearer of wrong) expect(await opens(bearer)).toBe(false);
  });

  test("takes no issuer's tokens where none is configured", async () => {
    expect(await bearerOpens({ token })(await signed(key))).toBe(false);
  });
});
