// MSAL Node, as a public client (Legacy tool) and as a confidential one (Legacy portal, Nightly job).

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import {
  ConfidentialClientApplication,
  InteractionRequiredAuthError,
  PublicClientApplication,
  ServerError,
} from "@azure/msal-node";
import { decodeJwt } from "jose";

import * as alpine from "./alpine.mjs";
import { registered, stranger } from "./certificate.mjs";
import { tokenAnswers } from "./wire.mjs";

const { DEFAULT: scopes, PASSWORD: password } = alpine;

function tool() {
  return new PublicClientApplication({ auth: auth(alpine.LEGACY_TOOL) });
}

function confidential(clientId, clientSecret) {
  return new ConfidentialClientApplication({ auth: { ...auth(clientId), clientSecret } });
}

function auth(clientId) {
  return { clientId, authority: alpine.AUTHORITY, knownAuthorities: [new URL(alpine.ORIGIN).host] };
}

function signIn(app, username, secret = password) {
  return app.acquireTokenByUsernamePassword({ scopes, username, password: secret });
}

beforeEach(() => tokenAnswers());

for (const [client, make] of [
  ["a public client", tool],
  ["a confidential client", () => confidential(alpine.LEGACY_PORTAL, alpine.LEGACY_PORTAL_SECRET)],
]) {
  test(`the right password gets tokens for ${client}`, async () => {
    const result = await signIn(make(), "cloud@alpine.test");

    assert.deepEqual(tokenAnswers(), [200]);
    assert.equal(result.tokenType, "Bearer");
    assert.equal(result.fromCache, false);
    assert.equal(result.account.username, "cloud@alpine.test");
    assert.equal(result.account.tenantId, alpine.TENANT);
    assert.equal(result.idTokenClaims.preferred_username, "cloud@alpine.test");
    assert.deepEqual(result.scopes.toSorted(), [...alpine.READ, ...scopes].toSorted());
    const access = decodeJwt(result.accessToken);
    assert.equal(access.scp, "Employees.Read");
    assert.equal(access.aud, alpine.EMPLOYEE_API);
    assert.equal(result.account.homeAccountId, `${access.oid}.${alpine.TENANT}`);
  });
}

test("a wrong password is a server error, which no dialogue would cure", async () => {
  const error = await refusal(signIn(tool(), "cloud@alpine.test", "Summit-2041"));

  assert.equal(error.constructor, ServerError);
  assert.equal(error.errorCode, "invalid_grant");
  assert.equal(error.errorNo, 50126);
  assert.match(error.errorMessage, /AADSTS50126: /);
  assert.equal(error.subError, "");
  assert.deepEqual(tokenAnswers(), [400]);
});

test("a user with a second factor needs a dialogue", async () => {
  const error = await refusal(signIn(tool(), "mfa@alpine.test"));

  assert.equal(error.constructor, InteractionRequiredAuthError);
  assert.equal(error.errorCode, "invalid_grant");
  assert.equal(error.errorNo, 50076);
  assert.match(error.errorMessage, /^AADSTS50076: /);
  assert.equal(error.subError, "basic_action");
  assert.deepEqual(tokenAnswers(), [400]);
});

test("one user refused and another right in one application is one request each", async () => {
  const app = tool();

  const error = await refusal(signIn(app, "mfa@alpine.test"));
  const right = await signIn(app, "cloud@alpine.test");

  assert.equal(error.errorNo, 50076);
  assert.equal(decodeJwt(right.accessToken).scp, "Employees.Read");
  assert.deepEqual(tokenAnswers(), [400, 200]);
});

test("the same refused request reaches the server again", async () => {
  const app = tool();

  for (const expected of [50076, 50076]) {
    assert.equal((await refusal(signIn(app, "mfa@alpine.test"))).errorNo, expected);
  }

  assert.deepEqual(tokenAnswers(), [400, 400]);
});

test("a silent call is answered from the cache", async () => {
  const app = tool();
  const first = await signIn(app, "cloud@alpine.test");

  for (const wanted of [scopes, alpine.READ]) {
    const silent = await app.acquireTokenSilent({ account: first.account, scopes: wanted });
    assert.equal(silent.fromCache, true);
    assert.equal(silent.accessToken, first.accessToken);
  }
  assert.deepEqual(tokenAnswers(), [200]);
});

test("a forced silent call redeems the refresh token", async () => {
  const app = tool();
  const first = await signIn(app, "cloud@alpine.test");

  const fresh = await app.acquireTokenSilent({ account: first.account, scopes, forceRefresh: true });

  assert.equal(fresh.fromCache, false);
  assert.notEqual(fresh.accessToken, first.accessToken);
  assert.deepEqual(tokenAnswers(), [200, 200]);
});

test("a silent call for what nobody consented to needs a dialogue", async () => {
  const app = tool();
  const { account } = await signIn(app, "cloud@alpine.test");

  const error = await refusal(app.acquireTokenSilent({ account, scopes: alpine.WRITE }));

  assert.equal(error.constructor, InteractionRequiredAuthError);
  assert.equal(error.errorNo, 65001);
  assert.equal(error.subError, "consent_required");
});

test("a job gets a token of its own and then the cached one", async () => {
  const job = confidential(alpine.NIGHTLY_JOB, alpine.NIGHTLY_JOB_SECRET);

  const first = await job.acquireTokenByClientCredential({ scopes });
  const second = await job.acquireTokenByClientCredential({ scopes });

  assert.deepEqual(decodeJwt(first.accessToken).roles, ["Employees.Read.All"]);
  assert.deepEqual([first.fromCache, second.fromCache], [false, true]);
  assert.equal(second.accessToken, first.accessToken);
  assert.deepEqual(tokenAnswers(), [200]);
});

test("a wrong secret is a server error", async () => {
  const error = await refusal(confidential(alpine.NIGHTLY_JOB, "guessed").acquireTokenByClientCredential({ scopes }));

  assert.equal(error.constructor, ServerError);
  assert.equal(error.errorCode, "invalid_client");
  assert.equal(error.errorNo, 7000215);
  assert.deepEqual(tokenAnswers(), [401]);
});

for (const [hash, told] of [["SHA-256", sha256], ["SHA-1", sha1]]) {
  test(`a job gets a token of its own with a certificate by its ${hash} thumbprint`, async () => {
    const result = await withCertificate(alpine.NIGHTLY_JOB, told(registered)).acquireTokenByClientCredential({ scopes });

    const access = decodeJwt(result.accessToken);
    assert.deepEqual([access.roles, access.azpacr], [["Employees.Read.All"], "2"]);
    assert.deepEqual(tokenAnswers(), [200]);
  });

  test(`a certificate that is not registered is a server error, by its ${hash} thumbprint`, async () => {
    const job = withCertificate(alpine.NIGHTLY_JOB, told(stranger));

    const error = await refusal(job.acquireTokenByClientCredential({ scopes }));

    assert.equal(error.constructor, ServerError);
    assert.deepEqual([error.errorCode, error.errorNo], ["invalid_client", 700027]);
    assert.deepEqual(tokenAnswers(), [401]);
  });
}

test("one user refused and another right with a certificate is one request each", async () => {
  const portal = withCertificate(alpine.LEGACY_PORTAL, sha256(registered));

  const error = await refusal(signIn(portal, "mfa@alpine.test"));
  const right = await signIn(portal, "cloud@alpine.test");

  assert.equal(error.errorNo, 50076);
  assert.equal(decodeJwt(right.accessToken).azpacr, "2");
  assert.deepEqual(tokenAnswers(), [400, 200]);
});

function withCertificate(clientId, clientCertificate) {
  return new ConfidentialClientApplication({ auth: { ...auth(clientId), clientCertificate } });
}

function sha256({ privateKey, sha256: thumbprintSha256 }) {
  return { privateKey, thumbprintSha256 };
}

function sha1({ privateKey, sha1: thumbprint }) {
  return { privateKey, thumbprint };
}

async function refusal(promise) {
  const granted = await promise.then((result) => result, (error) => ({ error }));
  assert.ok(granted.error, "a token was granted");
  return granted.error;
}
