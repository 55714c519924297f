// Every page, by the ways that lead there: its picture in light, dark and phone width under target/pages, no grave violation
// of the rules of accessibility, and not a word in the console.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { MODERN_PORTAL, PASSWORD, TENANT } from "../node/alpine.mjs";
import { launch, look, mark, visitor } from "./chromium.mjs";
import { click, request, walk } from "./person.mjs";
import { Ropeway } from "./ropeway.mjs";

const WRITE = "api://employees.alpine.test/Employees.ReadWrite.All";

let ropeway, browser, portal;
before(async () => {
  [ropeway, browser] = await Promise.all([Ropeway.start(), launch()]);
  portal = { id: MODERN_PORTAL, redirectUri: `${ropeway.app("modern")}/signin-oidc` };
  await ropeway.silentApplication("modern");
});
after(async () => {
  await browser?.close();
  await ropeway?.stop();
});

/** A test of pages, in a browser of its own that nothing was said to. */
function pages(name, steps, options) {
  test(name, async () => {
    const { context, page, complaints } = await visitor(browser, options);
    await steps(page, context);
    assert.deepEqual(complaints, []);
    await context.close();
  });
}

const ask = (page, more) => page.goto(request(ropeway, portal, more).url);

// The page that is there, which must be the expected one.
async function see(page, expected, name = expected) {
  assert.equal(await mark(page), expected);
  await look(page, name.replace("page-", ""));
}

// Types a name and a password, up to whatever comes then.
async function signIn(page, user, password = PASSWORD) {
  if ((await mark(page)) === "page-user-name") {
    await page.getByTestId("user-name").fill(user);
    await click(page, "next");
  }
  await page.getByTestId("password").fill(password);
  await click(page, "sign-in");
}

pages("name, password, and what is wrong with them", async (page) => {
  await ask(page);
  await see(page, "page-user-name");
  await page.getByTestId("user-name").fill("nobody@alpine.test");
  await click(page, "next");
  await see(page, "page-user-name", "unknown-user");
  await page.getByTestId("user-name").fill("hashsync@alpine.test");
  await click(page, "next");
  await see(page, "page-password");
  await signIn(page, "hashsync@alpine.test", "wrong-0");
  await see(page, "page-password", "wrong-password");
  for (let guess = 1; (await mark(page)) === "page-password"; guess += 1) {
    if ((await page.locator("[data-code='50053']").count()) || guess > 12) break;
    await signIn(page, "hashsync@alpine.test", `wrong-${guess}`);
  }
  assert.equal(await page.locator("[data-code='50053']").count(), 1);
  await look(page, "lockout");
});

pages("code of an authenticator app, an administrator's consent, stay signed in", async (page) => {
  await ask(page, { scope: `openid ${WRITE}` });
  await signIn(page, "admin@alpine.test");
  await see(page, "page-second-factor");
  await page.getByTestId("code").fill("000000");
  await click(page, "verify");
  await see(page, "page-second-factor", "wrong-code");
  await page.getByTestId("code").fill(await ropeway.code("admin@alpine.test"));
  await click(page, "verify");
  await see(page, "page-consent", "consent-administrator");
  await click(page, "accept");
  await click(page, "no");
  await page.goto(adminConsent());
  await see(page, "page-consent", "consent-for-everybody");
  await click(page, "cancel");
});

// An administrator's consent, for everybody, to what the portal asks for.
function adminConsent() {
  const url = new URL(`${ropeway.authority}/v2.0/adminconsent`);
  const scope = "openid api://employees.alpine.test/.default";
  url.search = new URLSearchParams({ client_id: portal.id, redirect_uri: portal.redirectUri, scope, state: "s" });
  return url.href;
}

pages("enrolment of an authenticator app", async (page) => {
  await ask(page);
  await signIn(page, "newmfa@alpine.test");
  await see(page, "page-enrol");
});

pages("a new password", async (page) => {
  await ask(page);
  await signIn(page, "mustchange@alpine.test");
  await see(page, "page-new-password");
  await page.getByTestId("new-password").fill("short");
  await page.getByTestId("confirm-password").fill("other");
  await click(page, "change-password");
  await see(page, "page-new-password", "new-password-refused");
});

pages("consent, and what only an administrator may allow", async (page) => {
  await ask(page);
  await signIn(page, "noconsent@alpine.test");
  await see(page, "page-consent");
  await click(page, "accept");
  await see(page, "page-stay-signed-in");
  await click(page, "no");
  await ask(page, { scope: `openid ${WRITE}` });
  await see(page, "page-admin-consent");
});

pages("an account that is checked elsewhere, and one that is refused", async (page) => {
  await ask(page);
  await page.getByTestId("user-name").fill("onprem@onprem.alpine.test");
  await click(page, "next");
  await see(page, "page-at-partner");
  await click(page, "another-account");
  await signIn(page, "blocked@alpine.test");
  await see(page, "page-refusal");
});

pages("a request that goes nowhere", async (page) => {
  await ask(page, { redirect_uri: "https://elsewhere.example/" });
  await see(page, "page-refusal", "unregistered-redirect-uri");
});

pages("several accounts, the person's own page, signing out", async (page) => {
  for (const user of ["cloud@alpine.test", "passthrough@alpine.test"]) {
    await ask(page, { prompt: "login" });
    await walk(page, ropeway, user);
  }
  await ask(page, { prompt: "select_account" });
  await see(page, "page-choose-account");
  for (const [user, name] of [["passthrough@alpine.test", "account-without-password"], ["cloud@alpine.test", "account"]]) {
    await page.goto(`${ropeway.origin}/_ropeway/account`);
    await Promise.all([page.waitForEvent("domcontentloaded"), page.locator(`[data-account="${user}"]`).click()]);
    await see(page, "page-account", name);
  }
  await page.getByTestId("old-password").fill("wrong");
  await page.getByTestId("new-password").fill("Glacier-2043-New");
  await page.getByTestId("confirm-password").fill("Glacier-2043-New");
  await click(page, "change-password");
  await see(page, "page-account", "account-password-refused");
  await page.goto(`${ropeway.authority}/oauth2/v2.0/logout`);
  await see(page, "page-signed-out");
});

async function deviceCode() {
  const form = { client_id: "e0a91000-0000-4000-8000-00000000000c", scope: "openid" };
  const { user_code: code } = await ropeway.ask(`${ropeway.authority}/oauth2/v2.0/devicecode`, { form });
  return code;
}

pages("a device's code", async (page) => {
  await page.goto(`${ropeway.origin}/common/oauth2/deviceauth`);
  await see(page, "page-user-code");
  await page.getByTestId("user-code").fill("XXXXXXXXX");
  await click(page, "next");
  await see(page, "page-user-code", "wrong-user-code");
  await page.getByTestId("user-code").fill(await deviceCode());
  await click(page, "next");
  await signIn(page, "cloud@alpine.test");
  await see(page, "page-confirm-device");
  await click(page, "continue");
  if ((await mark(page)) === "page-stay-signed-in") await click(page, "no");
  await see(page, "page-device-approved");
  await page.goto(`${ropeway.origin}/common/oauth2/deviceauth`);
  await page.getByTestId("user-code").fill(await deviceCode());
  await click(page, "next");
  assert.equal(await mark(page), "page-confirm-device");
  await click(page, "cancel");
  await see(page, "page-device-declined");
});

// With script the form goes off by itself; without, there is the button.
for (const javaScriptEnabled of [true, false]) {
  const how = javaScriptEnabled ? "by itself" : "by its button where no script runs";
  test(`an answer by form_post goes off ${how}`, async () => {
    const { context, page, complaints } = await visitor(browser, { javaScriptEnabled });
    await ask(page, { response_mode: "form_post" });
    await signIn(page, "cloud@alpine.test");
    const posted = page.waitForRequest((request) => request.url() === portal.redirectUri && request.method() === "POST");
    await page.getByTestId("no").click();
    if (!javaScriptEnabled) {
      await page.getByTestId("go-on").waitFor();
      await look(page, "form-post", { script: false });
      await page.getByTestId("go-on").click();
    }
    const answer = new URLSearchParams((await posted).postData());
    assert.equal(answer.get("state"), "s");
    assert.ok(answer.get("code"), [...answer.keys()].join());
    assert.deepEqual(complaints, []);
    await context.close();
  });
}
