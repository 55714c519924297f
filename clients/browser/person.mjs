// A person in Chromium, who types and clicks what the pages of the tenant ask for.

import { createHash, randomBytes } from "node:crypto";

import { Secret, TOTP } from "otpauth";

import { PASSWORD } from "../node/alpine.mjs";
import { mark } from "./chromium.mjs";

const NEW_PASSWORD = "Glacier-2043-New";
const MOST_PAGES = 10;

/** An authorization request with PKCE, and what redeems its code. */
export function request(ropeway, client, more = {}) {
  const verifier = randomBytes(32).toString("base64url");
  const url = new URL(`${ropeway.authority}/oauth2/v2.0/authorize`);
  url.search = new URLSearchParams({
    client_id: client.id,
    response_type: "code",
    redirect_uri: client.redirectUri,
    scope: "openid profile api://employees.alpine.test/Employees.Read",
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
    code_challenge_method: "S256",
    state: "s",
    ...more,
  });
  return { url: url.href, verifier };
}

/** Redeems a code at the token endpoint. */
export function redeem(ropeway, client, code, verifier) {
  const form = { grant_type: "authorization_code", client_id: client.id, redirect_uri: client.redirectUri, code };
  if (client.secret) form.client_secret = client.secret;
  return ropeway.ask(`${ropeway.authority}/oauth2/v2.0/token`, { form: { ...form, code_verifier: verifier } });
}

/**
 * Answers page after page as `user`, until the application has its answer (`parameters`) or a page refuses (`code`).
 * `pages` are the pages that were met; `seen` is called on each.
 */
export async function walk(page, ropeway, user, { seen = async () => {}, away = isAway(ropeway) } = {}) {
  const pages = [];
  for (let turn = 0; turn < MOST_PAGES; turn += 1) {
    if (away(page.url())) return { pages, parameters: new URL(page.url()).searchParams };
    const at = await mark(page);
    pages.push(at);
    await seen(at);
    const complaint = page.locator("[data-code]").first();
    if (await complaint.count()) return { pages, code: Number(await complaint.getAttribute("data-code")) };
    if (at === "page-at-partner") return { pages };
    await answer(page, ropeway, user, at);
  }
  throw new Error(`${user} does not come to an end: ${pages.join(", ")}`);
}

const isAway = (ropeway) => (url) => !url.startsWith(ropeway.origin);

async function answer(page, ropeway, user, at) {
  const type = (testid, text) => page.getByTestId(testid).fill(text);
  switch (at) {
    case "page-choose-account":
      return click(page, "another-account");
    case "page-user-name":
      await type("user-name", user);
      return click(page, "next");
    case "page-password":
      await type("password", PASSWORD);
      return click(page, "sign-in");
    case "page-second-factor":
      await type("code", await ropeway.code(user));
      return click(page, "verify");
    case "page-enrol":
      await type("code", await shownFor(page));
      return click(page, "enrol");
    case "page-new-password":
      await type("new-password", NEW_PASSWORD);
      await type("confirm-password", NEW_PASSWORD);
      return click(page, "change-password");
    case "page-consent":
      return click(page, "accept");
    case "page-stay-signed-in":
      return click(page, "no");
    default:
      throw new Error(`no person knows what to do on ${at}`);
  }
}

/** The code that an authenticator app shows which took over the secret of this page. */
export async function shownFor(page) {
  const secret = Secret.fromBase32(await page.getByTestId("enrolment-secret").innerText());
  return new TOTP({ secret }).generate();
}

/** Clicks, and waits until another page is there. */
export async function click(page, testid) {
  await Promise.all([page.waitForEvent("domcontentloaded"), page.getByTestId(testid).first().click()]);
}
