// passport-azure-ad, as an API written for Node used it. The library is retired since 2025 and still in the registry, and
// APIs that people have not moved yet hold their tokens to it.

import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { after, before, test } from "node:test";

import passport from "passport";
import azureAd from "passport-azure-ad";

import * as alpine from "./alpine.mjs";

let api, url, tokens, job;

before(async () => {
  passport.use(
    new azureAd.BearerStrategy(
      {
        identityMetadata: `${alpine.AUTHORITY}/v2.0/.well-known/openid-configuration`,
        clientID: alpine.EMPLOYEE_API,
        scope: ["Employees.Read"],
        loggingLevel: "fatal",
      },
      (token, done) => done(null, { name: token.preferred_username }, token),
    ),
  );
  const guard = passport.authenticate("oauth-bearer", { session: false });
  api = createServer((request, response) =>
    guard(request, response, (error) => {
      response.statusCode = error ? 500 : 200;
      response.end(error ? String(error) : JSON.stringify({ user: request.user, scp: request.authInfo.scp }));
    }),
  );
  await once(api.listen(0, "127.0.0.1"), "listening");
  url = `http://127.0.0.1:${api.address().port}/employees`;
  tokens = await granted({
    grant_type: "password",
    client_id: alpine.LEGACY_PORTAL,
    client_secret: alpine.LEGACY_PORTAL_SECRET,
    username: "cloud@alpine.test",
    password: alpine.PASSWORD,
    scope: `openid profile ${alpine.DEFAULT}`,
  });
  job = await granted({
    grant_type: "client_credentials",
    client_id: alpine.NIGHTLY_JOB,
    client_secret: alpine.NIGHTLY_JOB_SECRET,
    scope: alpine.DEFAULT,
  });
});

after(() => api.close());

test("a user's access token opens the API", async () => {
  const answer = await ask(tokens.access_token);

  assert.equal(answer.status, 200);
  assert.deepEqual(await answer.json(), { user: { name: "cloud@alpine.test" }, scp: "Employees.Read" });
});

for (const [what, token, why] of [
  ["no token", () => "", /token is not found/],
  ["an id token", () => tokens.id_token, /cannot verify token/],
  ["a tampered access token", () => tampered(tokens.access_token), /cannot verify token/],
  ["a job's token, which has no scope", () => job.access_token, /scope is not found in token/],
]) {
  test(`${what} is refused`, async () => {
    const answer = await ask(token());

    assert.equal(answer.status, 401);
    assert.match(answer.headers.get("www-authenticate"), why);
  });
}

function ask(token) {
  return fetch(url, { headers: token ? { authorization: `Bearer ${token}` } : {} });
}

async function granted(form) {
  const endpoint = `${alpine.AUTHORITY}/oauth2/v2.0/token`;
  const answer = await fetch(endpoint, { method: "POST", body: new URLSearchParams(form) });
  const body = await answer.json();
  assert.ok(body.access_token, JSON.stringify(body));
  return body;
}

function tampered(token) {
  const [header, payload, signature] = token.split(".");
  const middle = signature.length >> 1;
  const other = signature[middle] === "A" ? "B" : "A";
  return [header, payload, signature.slice(0, middle) + other + signature.slice(middle + 1)].join(".");
}
