// @azure/msal-browser, unmodified, in Chromium: the sample's browser app, and the portals beside it.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { launch, mark, profile, visitor } from "./chromium.mjs";
import { click, walk } from "./person.mjs";
import { Ropeway } from "./ropeway.mjs";

const user = "cloud@alpine.test";

let ropeway, browser;
before(async () => {
  [ropeway, browser] = await Promise.all([Ropeway.start(), launch()]);
  await ropeway.samples();
});
after(async () => {
  await browser?.close();
  await ropeway?.stop();
});

// On the page of an application, its own marks say where one is.
const shown = (page, testid) => page.getByTestId(testid).waitFor();

async function signIn(page, app) {
  await page.goto(ropeway.app(app));
  await shown(page, "sign-in");
  await page.getByTestId("sign-in").click();
  await page.waitForURL((url) => url.origin === ropeway.origin);
  await walk(page, ropeway, user);
  await shown(page, "display-name");
}

test("signing in by redirect, renewing silently, the portals without being asked, signing out", async () => {
  const { context, page, complaints } = await visitor(browser);
  await signIn(page, "app");
  await page.getByTestId("employee").first().waitFor();
  assert.equal(await page.getByTestId("user").innerText(), user);

  await page.getByTestId("renew").click();
  await page.getByTestId("renewals").getByText("1", { exact: true }).waitFor();

  for (const portal of ["modern", "second"]) {
    const visit = await context.newPage();
    const asked = [];
    visit.on("framenavigated", (frame) => asked.push(frame.url()));
    await visit.goto(ropeway.app(portal));
    if (portal === "modern") await visit.getByTestId("sign-in").click(); // the second asks by itself
    await shown(visit, "display-name");
    assert.equal(await visit.getByTestId("user").innerText(), user);
    assert.deepEqual(asked.filter((url) => url.startsWith(ropeway.origin)), [], `${portal}: a page was shown`);
  }

  await page.getByTestId("sign-out").click();
  await shown(page, "sign-in");
  await context.clearCookies({ name: /portal/ });
  const next = await context.newPage();
  await next.goto(ropeway.app("second"));
  await shown(next, "why");
  await click(next, "sign-in");
  assert.equal(await mark(next), "page-user-name");
  assert.deepEqual(complaints, []);
  await context.close();
});

// What the library says to a sign-in in a hidden frame.
function ssoSilent(page, loginHint) {
  return page.evaluate(async (loginHint) => {
    const config = await (await fetch("/config.json")).json();
    const knownAuthorities = [new URL(config.authority).host];
    const auth = { clientId: config.clientId, authority: config.authority, knownAuthorities, redirectUri: `${location.origin}/` };
    const app = new msal.PublicClientApplication({ auth });
    await app.initialize();
    return app.ssoSilent({ scopes: [config.scope], loginHint }).then(
      (result) => result.account.username,
      (error) => `${error.errorCode}: ${error.errorMessage}`,
    );
  }, loginHint);
}

// The application and the platform are two sites, so the platform's cookies in the frame are third-party cookies.
for (const [allowed, said] of [[true, /^cloud@alpine\.test$/], [false, /^login_required: AADSTS50058/]]) {
  test(`ssoSilent in a browser that ${allowed ? "allows" : "blocks"} third-party cookies`, async () => {
    const { page, complaints, close } = await profile({ thirdPartyCookies: allowed });
    await signIn(page, "modern");
    await page.goto(ropeway.app("app"));
    await shown(page, "sign-in");

    assert.match(await ssoSilent(page, user), said);

    // Without a frame the session is found all the same.
    await page.getByTestId("sign-in").click();
    await shown(page, "display-name");
    assert.deepEqual(complaints, []);
    await close();
  });
}
