// Every user of the sample tenant walks the platform's page to the outcome that the table in the README promises.

import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { MODERN_PORTAL, MODERN_PORTAL_SECRET } from "../node/alpine.mjs";
import { launch, visitor } from "./chromium.mjs";
import { redeem, request, walk } from "./person.mjs";
import { Ropeway } from "./ropeway.mjs";

const ASSIGNED_TOOL = "e0a91000-0000-4000-8000-000000000010";

// [user, what the page asks for besides name and password, the refusal or what is missing]
const TABLE = [
  ["cloud@alpine.test", []],
  ["guest@fjord.test", []],
  ["hashsync@alpine.test", []],
  ["cloudpw@onprem.alpine.test", []],
  ["passthrough@alpine.test", []],
  ["admin@alpine.test", ["page-second-factor"]],
  ["mfa@alpine.test", ["page-second-factor"]],
  ["newmfa@alpine.test", ["page-enrol"]],
  ["camfa@alpine.test", ["page-second-factor"]],
  ["blocked@alpine.test", ["page-refusal"], 53003],
  ["noconsent@alpine.test", ["page-consent"]],
  ["expired@alpine.test", ["page-new-password"]],
  ["mustchange@alpine.test", ["page-new-password"]],
  ["onprem@onprem.alpine.test", [], /federation service/],
  ["personal@live.test", [], /Microsoft's service for personal accounts/],
  ["google@gmail.test", [], /Google/],
  ["nopassword@alpine.test", [], /passkey/],
  ["unassigned@alpine.test", ["page-refusal"], 50105],
  ["disabled@alpine.test", ["page-refusal"], 50057],
  ["locked@alpine.test", ["page-refusal"], 50053],
  ["nobody@alpine.test", [], 50034],
];

let ropeway, browser, portal, tool;
before(async () => {
  [ropeway, browser] = await Promise.all([Ropeway.start(), launch()]);
  portal = { id: MODERN_PORTAL, secret: MODERN_PORTAL_SECRET, redirectUri: `${ropeway.app("modern")}/signin-oidc` };
  tool = { id: ASSIGNED_TOOL, redirectUri: ropeway.app("modern") };
  await ropeway.silentApplication("modern");
});
after(async () => {
  await browser?.close();
  await ropeway?.stop();
});

for (const [user, asked, outcome] of TABLE) {
  test(`${user}: ${outcome ?? ["signs in", ...asked].join(", ")}`, async () => {
    const { context, page, complaints } = await visitor(browser);
    const client = user === "unassigned@alpine.test" ? tool : portal;
    const { url, verifier } = request(ropeway, client);
    await page.goto(url);

    const { pages, parameters, code } = await walk(page, ropeway, user);

    if (outcome === undefined) {
      assert.deepEqual(pages.filter((name) => asked.includes(name)), asked);
      const tokens = await redeem(ropeway, client, parameters.get("code"), verifier);
      assert.ok(tokens.access_token, JSON.stringify(tokens));
    } else if (typeof outcome === "number") {
      assert.equal(code, outcome);
      assert.deepEqual(pages.filter((name) => asked.includes(name)), asked);
    } else {
      assert.match(await page.locator("main").innerText(), outcome);
    }
    assert.equal(await hasSession(context, client), outcome === undefined, "a session");
    assert.deepEqual(complaints, []);
    await context.close();
  });
}

// Whether the next application would not ask.
async function hasSession(context, client) {
  const page = await context.newPage();
  await page.goto(request(ropeway, client, { prompt: "none" }).url);
  const answer = new URL(page.url()).searchParams;
  const described = answer.get("error_description") ?? "";
  assert.ok(answer.has("code") || described.startsWith("AADSTS50058"), `${page.url()}`);
  return answer.has("code");
}
