// openid-client, which knows nothing of Entra and holds it to the standards.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import {
  ClientSecretBasic,
  ClientSecretPost,
  None,
  PrivateKeyJwt,
  ResponseBodyError,
  clientCredentialsGrant,
  discovery,
  genericGrantRequest,
  modifyAssertion,
  refreshTokenGrant,
} from "openid-client";
import { decodeJwt, importPKCS8 } from "jose";

import * as alpine from "./alpine.mjs";
import { registered, stranger } from "./certificate.mjs";
import { tokenAnswers } from "./wire.mjs";

const scope = `openid profile offline_access ${alpine.DEFAULT}`;

function discovered(clientId, authentication) {
  return discovery(new URL(`${alpine.AUTHORITY}/v2.0`), clientId, undefined, authentication);
}

function tool() {
  return discovered(alpine.LEGACY_TOOL, None());
}

function signIn(config, username, password = alpine.PASSWORD) {
  return genericGrantRequest(config, "password", { username, password, scope });
}

beforeEach(() => tokenAnswers());

test("the metadata is that of the issuer asked for", async () => {
  const config = await tool();

  assert.equal(config.serverMetadata().issuer, `${alpine.AUTHORITY}/v2.0`);
  assert.equal(config.serverMetadata().token_endpoint, `${alpine.AUTHORITY}/oauth2/v2.0/token`);
});

for (const [how, clientId, authentication] of [
  ["without a secret", alpine.LEGACY_TOOL, None()],
  ["with the secret in the body", alpine.LEGACY_PORTAL, ClientSecretPost(alpine.LEGACY_PORTAL_SECRET)],
  ["with the secret in the header", alpine.LEGACY_PORTAL, ClientSecretBasic(alpine.LEGACY_PORTAL_SECRET)],
]) {
  test(`the right password gets tokens for a client ${how}`, async () => {
    const tokens = await signIn(await discovered(clientId, authentication), "cloud@alpine.test");

    assert.equal(tokens.token_type, "bearer");
    assert.equal(tokens.claims().preferred_username, "cloud@alpine.test");
    assert.equal(tokens.claims().aud, clientId);
    assert.equal(decodeJwt(tokens.access_token).scp, "Employees.Read");
    assert.deepEqual(tokenAnswers(), [200]);
  });
}

for (const [what, username, password, code] of [
  ["a wrong password", "cloud@alpine.test", "Summit-2041", 50126],
  ["a second factor", "mfa@alpine.test", alpine.PASSWORD, 50076],
]) {
  test(`${what} is a bad grant`, async () => {
    await assert.rejects(signIn(await tool(), username, password), refusedWith("invalid_grant", 400, code));
  });
}

test("one user refused and another right with one configuration is one request each", async () => {
  const config = await tool();

  await assert.rejects(signIn(config, "mfa@alpine.test"), refusedWith("invalid_grant", 400, 50076));
  const right = await signIn(config, "cloud@alpine.test");

  assert.equal(decodeJwt(right.access_token).scp, "Employees.Read");
  assert.deepEqual(tokenAnswers(), [400, 200]);
});

test("a refresh token gets a fresh token of the same user", async () => {
  const config = await tool();
  const first = await signIn(config, "cloud@alpine.test");

  const fresh = await refreshTokenGrant(config, first.refresh_token);

  assert.notEqual(fresh.access_token, first.access_token);
  assert.equal(decodeJwt(fresh.access_token).oid, decodeJwt(first.access_token).oid);
});

for (const [where, authenticate] of [["body", ClientSecretPost], ["header", ClientSecretBasic]]) {
  test(`a job gets a token of its own with the secret in the ${where}`, async () => {
    const config = await discovered(alpine.NIGHTLY_JOB, authenticate(alpine.NIGHTLY_JOB_SECRET));

    const tokens = await clientCredentialsGrant(config, { scope: alpine.DEFAULT });

    assert.deepEqual(decodeJwt(tokens.access_token).roles, ["Employees.Read.All"]);
    assert.equal(tokens.id_token, undefined);
  });

  test(`a wrong secret in the ${where} is a bad client`, async () => {
    const config = await discovered(alpine.NIGHTLY_JOB, authenticate("guessed"));

    await assert.rejects(
      clientCredentialsGrant(config, { scope: alpine.DEFAULT }),
      refusedWith("invalid_client", 401, 7000215),
    );
  });
}

for (const algorithm of ["RS256", "PS256"]) {
  test(`a job gets a token of its own with a private key and ${algorithm}`, async () => {
    const config = await discovered(alpine.NIGHTLY_JOB, await privateKey(registered, algorithm));

    const tokens = await clientCredentialsGrant(config, { scope: alpine.DEFAULT });

    const access = decodeJwt(tokens.access_token);
    assert.deepEqual([access.roles, access.azpacr], [["Employees.Read.All"], "2"]);
  });

  test(`a private key that is not registered is a bad client with ${algorithm}`, async () => {
    const config = await discovered(alpine.NIGHTLY_JOB, await privateKey(stranger, algorithm));

    await assert.rejects(
      clientCredentialsGrant(config, { scope: alpine.DEFAULT }),
      refusedWith("invalid_client", 401, 700027),
    );
  });
}

// Entra finds the key by the certificate's thumbprint, of which the library knows nothing.
async function privateKey({ privateKey, sha256 }, algorithm) {
  const thumbprint = Buffer.from(sha256, "hex").toString("base64url");
  return PrivateKeyJwt(await importPKCS8(privateKey, algorithm), {
    [modifyAssertion]: (header) => Object.assign(header, { "x5t#S256": thumbprint }),
  });
}

function refusedWith(kind, status, code) {
  return (error) => {
    assert.equal(error.constructor, ResponseBodyError, error.stack);
    assert.deepEqual([error.error, error.status, error.cause.error_codes], [kind, status, [code]]);
    assert.match(error.error_description, new RegExp(`^AADSTS${code}: `));
    return true;
  };
}
