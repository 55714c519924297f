// jose, as an API written for Node uses it: keys from the metadata, issuer and audience demanded.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { createRemoteJWKSet, errors, jwtVerify } from "jose";

import * as alpine from "./alpine.mjs";

let metadata, keys, tokens;

before(async () => {
  metadata = await (await fetch(`${alpine.AUTHORITY}/v2.0/.well-known/openid-configuration`)).json();
  keys = createRemoteJWKSet(new URL(metadata.jwks_uri));
  const form = new URLSearchParams({
    grant_type: "password",
    client_id: alpine.LEGACY_PORTAL,
    client_secret: alpine.LEGACY_PORTAL_SECRET,
    username: "cloud@alpine.test",
    password: alpine.PASSWORD,
    scope: `openid profile ${alpine.DEFAULT}`,
  });
  tokens = await (await fetch(metadata.token_endpoint, { method: "POST", body: form })).json();
  assert.ok(tokens.access_token, JSON.stringify(tokens));
});

function verify(token, audience) {
  return jwtVerify(token, keys, { issuer: metadata.issuer, audience, algorithms: ["RS256"] });
}

test("the metadata's issuer is the authority's", () => {
  assert.equal(metadata.issuer, `${alpine.AUTHORITY}/v2.0`);
});

test("an access token is accepted by the API it is for", async () => {
  const { payload, protectedHeader } = await verify(tokens.access_token, alpine.EMPLOYEE_API);

  assert.equal(payload.scp, "Employees.Read");
  assert.equal(payload.tid, alpine.TENANT);
  assert.equal(protectedHeader.typ, "JWT");
});

test("an id token is accepted by the client it is for", async () => {
  const { payload } = await verify(tokens.id_token, alpine.LEGACY_PORTAL);

  assert.equal(payload.preferred_username, "cloud@alpine.test");
});

test("an access token is refused by whom it is not for", async () => {
  await assert.rejects(verify(tokens.access_token, alpine.LEGACY_PORTAL), errors.JWTClaimValidationFailed);
});

test("a tampered access token is refused", async () => {
  const [header, payload, signature] = tokens.access_token.split(".");
  const middle = signature.length >> 1;
  const other = signature[middle] === "A" ? "B" : "A";
  const tampered = [header, payload, signature.slice(0, middle) + other + signature.slice(middle + 1)].join(".");

  await assert.rejects(verify(tampered, alpine.EMPLOYEE_API), errors.JWSSignatureVerificationFailed);
});
