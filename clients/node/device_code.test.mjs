// The device code flow, by MSAL Node and by openid-client: the person signs in elsewhere.

import assert from "node:assert/strict";
import { test } from "node:test";

import { PublicClientApplication } from "@azure/msal-node";
import { None, discovery, initiateDeviceAuthorization, pollDeviceAuthorizationGrant } from "openid-client";

import * as alpine from "./alpine.mjs";
import { approve } from "./person.mjs";

const user = "hashsync@alpine.test";

test("MSAL Node: the device gets tokens once its person has confirmed", async () => {
  const { LEGACY_TOOL: clientId, AUTHORITY: authority } = alpine;
  const knownAuthorities = [new URL(alpine.ORIGIN).host];
  const app = new PublicClientApplication({ auth: { clientId, authority, knownAuthorities } });
  let approved;

  const result = await app.acquireTokenByDeviceCode({
    scopes: alpine.READ,
    deviceCodeCallback({ userCode, verificationUri, message }) {
      assert.ok(message.includes(userCode) && message.includes(verificationUri), message);
      approved = approve(verificationUri, userCode, user, alpine.PASSWORD);
    },
  });

  await approved;
  assert.equal(result.account.username, user);
  const again = await app.acquireTokenSilent({ account: result.account, scopes: alpine.READ, forceRefresh: true });
  assert.notEqual(again.accessToken, result.accessToken);
});

test("MSAL Node: a device that nobody answers gives up when it is told to", async () => {
  const { LEGACY_TOOL: clientId, AUTHORITY: authority } = alpine;
  const knownAuthorities = [new URL(alpine.ORIGIN).host];
  const app = new PublicClientApplication({ auth: { clientId, authority, knownAuthorities } });
  const request = { scopes: alpine.READ, deviceCodeCallback() {}, timeout: 1 };
  await assert.rejects(app.acquireTokenByDeviceCode(request), /user_timeout_reached/);
});

test("openid-client: both the endpoint and the polling are those of the metadata", async () => {
  const config = await discovery(new URL(`${alpine.AUTHORITY}/v2.0`), alpine.LEGACY_TOOL, undefined, None());
  const device = await initiateDeviceAuthorization(config, { scope: `openid profile offline_access ${alpine.READ[0]}` });
  await approve(device.verification_uri, device.user_code, user, alpine.PASSWORD);

  const tokens = await pollDeviceAuthorizationGrant(config, device);

  assert.equal(tokens.claims().preferred_username, user);
  assert.ok(tokens.refresh_token);
  await assert.rejects(pollDeviceAuthorizationGrant(config, { ...device, interval: 0 }), ({ error }) => {
    assert.equal(error, "invalid_grant", "a code is redeemed once");
    return true;
  });
});
