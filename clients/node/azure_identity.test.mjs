// @azure/identity: what the Azure SDKs put between themselves and a token.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import {
  AuthenticationRequiredError,
  ClientCertificateCredential,
  ClientSecretCredential,
  DefaultAzureCredential,
  EnvironmentCredential,
  UsernamePasswordCredential,
} from "@azure/identity";
import { decodeJwt } from "jose";

import * as alpine from "./alpine.mjs";
import { registered, stranger } from "./certificate.mjs";
import { tokenAnswers } from "./wire.mjs";

const place = { authorityHost: alpine.ORIGIN, disableInstanceDiscovery: true };

function user(name, password = alpine.PASSWORD) {
  return new UsernamePasswordCredential(alpine.TENANT, alpine.LEGACY_TOOL, name, password, place);
}

function job(secret) {
  return new ClientSecretCredential(alpine.TENANT, alpine.NIGHTLY_JOB, secret, place);
}

function jobWith({ pem: certificate }) {
  return new ClientCertificateCredential(alpine.TENANT, alpine.NIGHTLY_JOB, { certificate }, place);
}

beforeEach(() => tokenAnswers());

test("UsernamePasswordCredential gets a token and then the cached one", async () => {
  const claims = await getsItsTokenOnce(user("cloud@alpine.test"));

  assert.equal(claims.scp, "Employees.Read");
  assert.equal(claims.azp, alpine.LEGACY_TOOL);
});

for (const [what, name, password, code] of [
  ["a wrong password", "cloud@alpine.test", "Summit-2041", 50126],
  ["a second factor", "mfa@alpine.test", alpine.PASSWORD, 50076],
]) {
  test(`UsernamePasswordCredential reports ${what} after one request`, async () => {
    await assert.rejects(user(name, password).getToken(alpine.DEFAULT), refusedWith(code));

    assert.deepEqual(tokenAnswers(), [400]);
  });
}

test("ClientSecretCredential gets a token and then the cached one", async () => {
  const claims = await getsItsTokenOnce(job(alpine.NIGHTLY_JOB_SECRET));

  assert.deepEqual(claims.roles, ["Employees.Read.All"]);
});

test("ClientSecretCredential reports a wrong secret after one request", async () => {
  await assert.rejects(job("guessed").getToken(alpine.DEFAULT), refusedWith(7000215));

  assert.deepEqual(tokenAnswers(), [401]);
});

test("ClientCertificateCredential gets a token and then the cached one", async () => {
  const claims = await getsItsTokenOnce(jobWith(registered));

  assert.deepEqual([claims.roles, claims.azpacr], [["Employees.Read.All"], "2"]);
});

test("ClientCertificateCredential reports a certificate that is not registered after one request", async () => {
  await assert.rejects(jobWith(stranger).getToken(alpine.DEFAULT), refusedWith(700027));

  assert.deepEqual(tokenAnswers(), [401]);
});

test("one user refused and another right is one request each", async () => {
  await assert.rejects(user("mfa@alpine.test").getToken(alpine.DEFAULT), refusedWith(50076));
  const right = await user("cloud@alpine.test").getToken(alpine.DEFAULT);

  assert.equal(decodeJwt(right.token).scp, "Employees.Read");
  assert.deepEqual(tokenAnswers(), [400, 200]);
});

for (const Credential of [EnvironmentCredential, DefaultAzureCredential]) {
  test(`the variables of ropeway env are enough for ${Credential.name}`, async () => {
    const claims = await getsItsTokenOnce(new Credential({ disableInstanceDiscovery: true }));

    assert.equal(claims.azp, alpine.NIGHTLY_JOB);
    assert.equal(claims.iss, `${alpine.AUTHORITY}/v2.0`);
  });
}

async function getsItsTokenOnce(credential) {
  const first = await credential.getToken(alpine.DEFAULT);
  const second = await credential.getToken(alpine.DEFAULT);

  assert.equal(second.token, first.token);
  assert.deepEqual(tokenAnswers(), [200]);
  return decodeJwt(first.token);
}

// The library has no other error for what its MSAL reports.
function refusedWith(code) {
  return (error) => {
    assert.equal(error.constructor, AuthenticationRequiredError);
    assert.match(error.message, new RegExp(`AADSTS${code}: `));
    return true;
  };
}
