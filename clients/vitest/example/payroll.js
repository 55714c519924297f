// A nightly script as many have one: it signs in with a name and a password. Its API lets in who has a token.

import { PublicClientApplication } from "@azure/msal-node";
import { createRemoteJWKSet, jwtVerify } from "jose";

const LEGACY_TOOL = "e0a91000-0000-4000-8000-00000000000c";
const EMPLOYEE_API = "e0a91000-0000-4000-8000-00000000000a";
const SCOPES = ["api://employees.alpine.test/Employees.Read"];
const MUST_USE_A_BROWSER = ["AADSTS50076", "AADSTS50079", "AADSTS65001"];

/** An access token for the API. */
export async function signIn(authority, username, password) {
  const app = new PublicClientApplication({
    auth: { clientId: LEGACY_TOOL, authority, knownAuthorities: [new URL(authority).host] },
  });
  try {
    const { accessToken } = await app.acquireTokenByUsernamePassword({ username, password, scopes: SCOPES });
    return accessToken;
  } catch (error) {
    if (MUST_USE_A_BROWSER.some((code) => error.message.includes(`${code}:`))) {
      throw new Error(`${username} must sign in with a browser once; a script cannot`, { cause: error });
    }
    throw error;
  }
}

/** Who calls the API: the name in a token that is good. */
export async function employee(authority, token) {
  const keys = createRemoteJWKSet(new URL(`${authority}/discovery/v2.0/keys`));
  const { payload } = await jwtVerify(token, keys, { audience: EMPLOYEE_API, issuer: `${authority}/v2.0` });
  return payload.preferred_username;
}
