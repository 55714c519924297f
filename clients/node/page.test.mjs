// The authorization code, by MSAL Node and by openid-client, after a person signed in on the platform's page.

import assert from "node:assert/strict";
import { test } from "node:test";

import { ConfidentialClientApplication, CryptoProvider, PublicClientApplication } from "@azure/msal-node";
import {
  ClientSecretPost,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  discovery,
  fetchUserInfo,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
} from "openid-client";

import * as alpine from "./alpine.mjs";
import { signIn } from "./person.mjs";

const user = "cloud@alpine.test";
const redirectUri = alpine.MODERN_PORTAL_REDIRECT;

function portal() {
  const { MODERN_PORTAL: clientId, MODERN_PORTAL_SECRET: clientSecret, AUTHORITY: authority } = alpine;
  const knownAuthorities = [new URL(alpine.ORIGIN).host];
  return new ConfidentialClientApplication({ auth: { clientId, clientSecret, authority, knownAuthorities } });
}

test("MSAL Node: a code brings tokens, and the cache answers afterwards", async () => {
  const app = portal();
  const { verifier, challenge } = await new CryptoProvider().generatePkceCodes();
  const request = { scopes: alpine.READ, redirectUri };
  const pkce = { codeChallenge: challenge, codeChallengeMethod: "S256" };
  const address = await app.getAuthCodeUrl({ ...request, ...pkce, state: "s", nonce: "n" });

  const answer = await signIn(address, user, alpine.PASSWORD);

  assert.equal(answer.searchParams.get("state"), "s");
  const code = answer.searchParams.get("code");
  const wrong = app.acquireTokenByCode({ ...request, code, codeVerifier: `${verifier}x` });
  await assert.rejects(wrong, (error) => error.message.includes("AADSTS501481"));
  const result = await app.acquireTokenByCode({ ...request, code, codeVerifier: verifier, nonce: "n" });
  assert.equal(result.account.username, user);
  assert.equal(result.idTokenClaims.nonce, "n");
  const silent = await app.acquireTokenSilent({ account: result.account, scopes: alpine.READ });
  assert.equal(silent.accessToken, result.accessToken);
  const again = app.acquireTokenByCode({ ...request, code, codeVerifier: verifier });
  await assert.rejects(again, (error) => error.message.includes("AADSTS54005"));
});

test("MSAL Node: a tool opens the person's browser and listens for the answer", async () => {
  const { LEGACY_TOOL: clientId, AUTHORITY: authority } = alpine;
  const tool = new PublicClientApplication({ auth: { clientId, authority, knownAuthorities: [new URL(authority).host] } });
  const visited = [];
  const openBrowser = async (address) => {
    visited.push(await signIn(address, user, alpine.PASSWORD));
  };

  const result = await tool.acquireTokenInteractive({ scopes: alpine.READ, openBrowser });

  assert.equal(visited.length, 1);
  assert.match(visited[0].origin, /^http:\/\/localhost:\d+$/);
  assert.equal(result.account.username, user);
  const silent = await tool.acquireTokenSilent({ account: result.account, scopes: alpine.READ });
  assert.equal(silent.accessToken, result.accessToken);
});

test("openid-client: state, nonce and PKCE hold, and a second use of the code does not", async () => {
  const secret = ClientSecretPost(alpine.MODERN_PORTAL_SECRET);
  const config = await discovery(new URL(`${alpine.AUTHORITY}/v2.0`), alpine.MODERN_PORTAL, undefined, secret);
  const [pkceCodeVerifier, expectedState, expectedNonce] = [randomPKCECodeVerifier(), randomState(), randomNonce()];
  const address = buildAuthorizationUrl(config, {
    redirect_uri: redirectUri,
    scope: "openid profile email offline_access User.Read",
    code_challenge: await calculatePKCECodeChallenge(pkceCodeVerifier),
    code_challenge_method: "S256",
    state: expectedState,
    nonce: expectedNonce,
  });

  const answer = await signIn(address, user, alpine.PASSWORD);

  const checks = { pkceCodeVerifier, expectedState, expectedNonce };
  await assert.rejects(authorizationCodeGrant(config, answer, { ...checks, expectedState: "another" }));
  const tokens = await authorizationCodeGrant(config, answer, checks);
  assert.equal(tokens.claims().preferred_username, user);
  const info = await fetchUserInfo(config, tokens.access_token, tokens.claims().sub);
  assert.equal(info.name, tokens.claims().name);
  await assert.rejects(authorizationCodeGrant(config, answer, checks), (error) => error.error === "invalid_grant");
});
