// What a test gets.

import { request } from "node:https";
import { rootCertificates } from "node:tls";
import { inspect } from "node:util";

import { describe, expect, inject } from "vitest";

import { Refused, test } from "ropeway-vitest";

function claims(token) {
  return JSON.parse(Buffer.from(token.split(".")[1], "base64url"));
}

async function refusal(promise) {
  const error = await promise.then(() => undefined, (error) => error);
  expect(error).toBeInstanceOf(Refused);
  return error;
}

for (const user of ["cloud", "CLOUD", "guest", "cloudpw", "guest@fjord.test"]) {
  test(`a user is named as in the sample: ${user}`, async ({ tenant }) => {
    const { tid, scp, iss } = claims(await tenant.token(user));

    expect({ tid, scp, iss }).toEqual({ tid: tenant.id, scp: "Employees.Read", iss: `${tenant.authority}/v2.0` });
  });
}

test("a user whom nobody knows is told with those who are known", async ({ tenant }) => {
  await expect(tenant.token("clod")).rejects.toThrow("no user clod; it has cloud, guest, hashsync, ");
});

test("an application gets a token of its own", async ({ tenant }) => {
  expect(claims(await tenant.appToken()).roles).toEqual(["Employees.Read.All"]);

  await expect(tenant.appToken({ clientSecret: "wrong" })).rejects.toMatchObject({
    code: 7000215,
    error: "invalid_client",
  });
});

test("a confidential client signs in with its secret", async ({ tenant }) => {
  const clientId = "e0a91000-0000-4000-8000-00000000000b";

  const token = await tenant.token("cloud", { clientId, clientSecret: "legacy-portal-secret" });

  expect(claims(token).azp).toBe(clientId);
});

test("a refusal says code, cause and remedy", async ({ tenant }) => {
  const refused = await refusal(tenant.token("mfa"));

  expect(refused).toMatchObject({ code: 50076, error: "invalid_grant", body: { suberror: "basic_action" } });
  const [first, cause, remedy] = refused.message.split("\n");
  expect(first).toContain(`mfa@${tenant.domain} got no token: AADSTS50076: Due to a configuration change `);
  expect(cause).toContain("  cause: The password is right and a second factor is required: ");
  expect(remedy).toMatch(/^ {2}remedy: Sign in interactively .*\.$/);
});

test("what a test changes no other tenant sees", async ({ server, tenant }) => {
  const other = await server.copy();

  await tenant.changeUser("cloud", { accountEnabled: false });

  await expect(tenant.token("cloud")).rejects.toMatchObject({ code: 50057 });
  expect(await other.token("cloud")).toBeTruthy();
  await other.drop();
});

test("time passes in one tenant", async ({ server, tenant }) => {
  const other = await server.copy();
  for (const each of [tenant, other]) await each.changeUser("cloud", { passwordPolicies: "None" });

  await tenant.advance({ days: 90, hours: 23, minutes: 59, seconds: 61 });

  await expect(tenant.token("cloud")).rejects.toMatchObject({ code: 50055 });
  expect(await other.token("cloud")).toBeTruthy();
  await other.drop();
});

describe("every test", () => {
  const seen = [];
  for (const number of [1, 2, 3]) {
    test(`has a tenant of its own which is dropped (${number})`, async ({ server, tenant }) => {
      seen.push(tenant.id);
      const { value } = await server.control("GET", "tenants");
      const mine = value.map(({ id }) => id).filter((id) => seen.includes(id));
      expect(mine).toEqual([tenant.id]);
    });
  }
});

test("the control API says what was wrong", async ({ tenant }) => {
  expect((await tenant.control("GET", "signIns")).value).toEqual([]);

  await expect(tenant.changeUser("cloud", { acountEnabled: false })).rejects.toThrow(/was answered 400: .*acountEnabled/);
});

test("the control key is not shown", async ({ server, tenant }) => {
  const shown = inspect({ server, tenant }, { showHidden: true, depth: 9 });

  expect(shown).toContain(server.origin);
  expect(shown).not.toContain(inject("ropeway").controlKey);
});

test("clients trust the server, and only because they are told to", async ({ tenant }) => {
  const metadata = `${tenant.authority}/v2.0/.well-known/openid-configuration`;
  expect((await (await fetch(metadata)).json()).issuer).toBe(`${tenant.authority}/v2.0`);

  const withSystemRoots = new Promise((resolve, reject) => {
    request(metadata, { ca: rootCertificates }, resolve).on("error", reject).end();
  });
  await expect(withSystemRoots).rejects.toMatchObject({ code: "SELF_SIGNED_CERT_IN_CHAIN" });
});

test("the default credential finds its variables", async ({ tenant }) => {
  const { EnvironmentCredential } = await import("@azure/identity");
  Object.assign(process.env, tenant.environment);

  const credential = new EnvironmentCredential({ disableInstanceDiscovery: true });
  const { token } = await credential.getToken("api://employees.alpine.test/.default");

  expect(claims(token).tid).toBe(tenant.id);
});
