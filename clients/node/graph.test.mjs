// Microsoft's Graph SDK for JavaScript, pointed here by its own options: what a person and an administrator do there.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { PublicClientApplication } from "@azure/msal-node";
import { Client, GraphError, PageIterator } from "@microsoft/microsoft-graph-client";

import * as alpine from "./alpine.mjs";
import { signIn } from "./person.mjs";

const SCOPES = ["https://graph.microsoft.com/.default"];
const user = "graph-sdk@alpine.test";
const host = new URL(alpine.ORIGIN).hostname;

function cli() {
  const knownAuthorities = [new URL(alpine.ORIGIN).host];
  return new PublicClientApplication({
    auth: { clientId: alpine.AZURE_CLI, authority: alpine.AUTHORITY, knownAuthorities },
  });
}

function graph(accessToken) {
  return Client.init({
    baseUrl: alpine.ORIGIN,
    customHosts: new Set([host]),
    authProvider: (done) => done(null, accessToken),
  });
}

async function control(method, path, body) {
  const headers = {
    authorization: `Bearer ${process.env.ROPEWAY_CONTROL_KEY}`,
    "content-type": "application/json",
  };
  const url = `${alpine.ORIGIN}/_ropeway/api/v1/tenants/${alpine.TENANT}/${path}`;
  const answer = await fetch(url, { method, headers, body: body && JSON.stringify(body) });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${await answer.clone().text()}`);
  return answer.json();
}

async function byPassword(username, password = alpine.PASSWORD) {
  const { accessToken } = await cli().acquireTokenByUsernamePassword({ scopes: SCOPES, username, password });
  return graph(accessToken);
}

async function administrator() {
  const app = cli();
  const redirectUri = "http://localhost:7";
  const address = await app.getAuthCodeUrl({ scopes: SCOPES, redirectUri });
  const { code } = await control("GET", "users/admin@alpine.test/totp");
  const answer = await signIn(address, "admin@alpine.test", alpine.PASSWORD, code);
  const token = await app.acquireTokenByCode({ scopes: SCOPES, redirectUri, code: answer.searchParams.get("code") });
  return graph(token.accessToken);
}

let admin;

before(async () => {
  const passwordProfile = { password: alpine.PASSWORD };
  const passwordPolicies = "DisablePasswordExpiration";
  await control("POST", "users", { userPrincipalName: user, displayName: "SDK user", passwordProfile, passwordPolicies });
  admin = await administrator();
});

test("a person reads their own profile, and cannot change others", async () => {
  const client = await byPassword(user);
  const me = await client.api("/me").select("id,userPrincipalName").get();
  assert.equal(me.userPrincipalName, user);
  assert.equal((await client.api("/users/mfa@alpine.test").get()).userPrincipalName, "mfa@alpine.test");
  await assert.rejects(client.api("/users/mfa@alpine.test").patch({ accountEnabled: false }), (error) => {
    assert.ok(error instanceof GraphError);
    assert.deepEqual([error.statusCode, error.code], [403, "Authorization_RequestDenied"]);
    return true;
  });
});

test("an administrator goes through all users page by page", async () => {
  const first = await admin.api("/users").select("userPrincipalName").top(7).get();
  const names = [];
  await new PageIterator(admin, first, (found) => names.push(found.userPrincipalName) > 0).iterate();
  assert.equal(new Set(names).size, names.length);
  assert.ok(names.includes("cloud@alpine.test") && names.includes(user));
  const skipToken = new URL(first["@odata.nextLink"]).searchParams.get("$skiptoken");
  const second = await admin.api("/users").select("userPrincipalName").top(7).skipToken(skipToken).get();
  assert.deepEqual(second.value.map((found) => found.userPrincipalName), names.slice(7, 14));
  const found = await admin.api("/users").filter(`userPrincipalName eq '${user}'`).get();
  assert.equal(found.value.length, 1);
});

test("a reset and a revocation end what the person had", async () => {
  const app = cli();
  const request = { scopes: SCOPES, username: user, password: alpine.PASSWORD };
  const { account } = await app.acquireTokenByUsernamePassword(request);
  const silently = () => app.acquireTokenSilent({ account, scopes: SCOPES, forceRefresh: true });
  await silently();
  assert.equal((await admin.api(`/users/${user}/revokeSignInSessions`).post({})).value, true);
  await assert.rejects(silently(), /AADSTS50173/);

  const passwordProfile = { password: "Glacier-77", forceChangePasswordNextSignIn: false };
  await admin.api(`/users/${user}`).patch({ passwordProfile });
  await assert.rejects(byPassword(user), /AADSTS50126/);
  assert.ok(await byPassword(user, "Glacier-77"));
});

test("consents are read, and attempts to sign in with code and protocol", async () => {
  const grants = await admin.api("/oauth2PermissionGrants").filter("consentType eq 'AllPrincipals'").get();
  assert.ok(grants.value.some(({ scope }) => scope.split(" ").includes("User.Read")));

  const name = "blocked@alpine.test";
  await assert.rejects(byPassword(name), /AADSTS53003/);
  const filter = `userPrincipalName eq '${name}' and status/errorCode eq 53003`;
  const { value } = await admin.api("/auditLogs/signIns").version("beta").filter(filter).top(1).get();
  assert.equal(value[0].authenticationProtocol, "ropc");
  assert.equal(value[0].conditionalAccessStatus, "failure");
});
