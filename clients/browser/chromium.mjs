// A headless Chromium that notes every complaint, and looks at each page that it is told to look at.

import assert from "node:assert/strict";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

import { chromium } from "playwright-core";

const NAMES = ["chromium", "chromium-browser", "google-chrome"];
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const pictures = fileURLToPath(new URL("../../target/pages/", import.meta.url));

const DESKTOP = { width: 1024, height: 768 };
const PHONE = { width: 360, height: 740 };
const VIEWS = [
  ["light", "light", DESKTOP],
  ["dark", "dark", DESKTOP],
  ["phone", "light", PHONE],
];

/** Starts the system's Chromium; `CHROMIUM` names another. */
export function launch() {
  return chromium.launch({ executablePath: executable() });
}

function executable() {
  const folders = process.env.PATH.split(delimiter);
  const places = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  const executablePath = process.env.CHROMIUM || places.find((place) => existsSync(place));
  if (!executablePath) throw new Error("there is no Chromium: apt-get install chromium, or set CHROMIUM");
  return executablePath;
}

/**
 * A browser of its own: no cookies yet. The test tenant's certificate is let pass.
 * What the console or a page's policy complains about is in `complaints`.
 */
export async function visitor(browser, options = {}) {
  return visit(await browser.newContext({ ignoreHTTPSErrors: true, viewport: DESKTOP, ...options }));
}

/** A browser with settings of its own: what is the default for third-party cookies depends on who built Chromium. */
export async function profile({ thirdPartyCookies }) {
  const folder = mkdtempSync(join(tmpdir(), "ropeway-chromium-"));
  mkdirSync(join(folder, "Default"));
  const preferences = { profile: { cookie_controls_mode: thirdPartyCookies ? 0 : 1 } };
  writeFileSync(join(folder, "Default", "Preferences"), JSON.stringify(preferences));
  const options = { executablePath: executable(), ignoreHTTPSErrors: true };
  const context = await chromium.launchPersistentContext(folder, options);
  const close = async () => {
    await context.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { ...(await visit(context)), close };
}

async function visit(context) {
  context.setDefaultTimeout(20_000);
  const page = await context.newPage();
  const complaints = [];
  // An answer of status 400 to a navigation is said as well, and is meant.
  const harmless = /Failed to load resource: the server responded with a status of 4\d\d/;
  context.on("console", (message) => {
    const bad = message.type() === "error" || /Content.Security.Policy/i.test(message.text());
    if (bad && !harmless.test(message.text())) complaints.push(message.text());
  });
  context.on("weberror", (error) => complaints.push(String(error.error())));
  return { context, page, complaints };
}

/** The mark of the page of the tenant that is shown. */
export function mark(page) {
  return page.locator("main[data-testid]").getAttribute("data-testid");
}

/** Takes the page's picture in light, dark and phone width, and holds it against the rules of accessibility. */
export async function look(page, name, { script = true } = {}) {
  for (const [view, colorScheme, size] of VIEWS) {
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize(size);
    const folder = join(pictures, view);
    mkdirSync(folder, { recursive: true });
    await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
    if (!script) continue; // what follows is asked by one
    const wider = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
    assert.ok(wider <= 0, `${name}, ${view}: ${wider} pixels wider than the window`);
    if (view === "phone") continue; // the same elements in the same colours
    const violations = await violationsOf(page);
    assert.deepEqual(violations, [], `${name}, ${view}`);
  }
  await page.emulateMedia({ colorScheme: "light" });
  await page.setViewportSize(DESKTOP);
}

async function violationsOf(page) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate("axe.run(document, { resultTypes: ['violations'] })");
  const grave = violations.filter(({ impact }) => impact === "serious" || impact === "critical");
  return grave.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" | ")}`);
}
