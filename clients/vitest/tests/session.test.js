// The binary's life: found, started once, ended whatever happens.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { fileURLToPath } from "node:url";

import { afterEach, beforeEach, expect, test } from "vitest";

const README = fileURLToPath(new URL("../../../README.md", import.meta.url));
const MODULES = fileURLToPath(new URL("../node_modules", import.meta.url));
const CONFIG = `
  import { defineConfig } from "vitest/config";
  export default defineConfig({ test: { globalSetup: "ropeway-vitest/setup" } });
`;
const ASKS = `
  import { test } from "ropeway-vitest";
  test("asks", async ({ tenant }) => { await tenant.token("cloud"); });
`;

let folder;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ropeway-vitest-"));
  symlinkSync(MODULES, join(folder, "node_modules"));
});

afterEach(() => rmSync(folder, { recursive: true }));

function project(files, env = {}) {
  for (const [name, content] of Object.entries({ "vitest.config.mjs": CONFIG, ...files })) {
    writeFileSync(join(folder, name), content);
  }
  const { VITEST, NODE_EXTRA_CA_CERTS, ...own } = process.env;
  const command = [join("node_modules", "vitest", "vitest.mjs"), "run", "--reporter=verbose", "--no-color"];
  return spawn(process.execPath, command, { cwd: folder, env: { ...own, ...env }, stdio: ["ignore", "pipe", "pipe"] });
}

async function run(files, env) {
  const vitest = project(files, env);
  const [stdout, stderr, [code]] = await Promise.all([text(vitest.stdout), text(vitest.stderr), once(vitest, "exit")]);
  return { code, output: stdout + stderr };
}

test("the README is right", async () => {
  const [, config, snippet] = readFileSync(README, "utf8").match(
    /### vitest\n[^]*?```js\n([^]*?)```\n[^]*?```js\n([^]*?)```/,
  );

  const { code, output } = await run({ "vitest.config.mjs": config, "snippet.test.js": snippet });

  expect(output).toContain("Tests  2 passed (2)");
  expect(code).toBe(0);
});

test("a project that does not ask needs no binary, and one that does is told what is missing", async () => {
  const plain = `import { test } from "vitest"; test("plain", () => {});`;
  const files = { "plain.test.js": plain, "asks.test.js": ASKS };

  const { code, output } = await run(files, { ROPEWAY_BIN: "/nowhere/ropeway" });

  expect(output).toContain("Tests  1 failed | 1 passed (2)");
  expect(output).toContain("ROPEWAY_BIN names /nowhere/ropeway, which is no program; `cargo install");
  expect(code).toBe(1);
});

test("without its setup it says what to write", async () => {
  const { output } = await run({ "vitest.config.mjs": "export default {};", "asks.test.js": ASKS });

  expect(output).toContain('vitest.config wants test: { globalSetup: "ropeway-vitest/setup" }');
});

test("what the binary says is shown when it does not start", async () => {
  const files = { "asks.test.js": ASKS, "tenant.yaml": "tenants: [{ displayNam: Mine }]" };

  const { output } = await run(files, { ROPEWAY_TENANT_FILE: "tenant.yaml" });

  expect(output).toMatch(/ropeway did not get ready; it said:\n[^]*displayNam/);
});

test("a tenant file of one's own is served", async () => {
  const { output } = await run(
    {
      "mine.test.js": `
        import { expect } from "vitest";
        import { test } from "ropeway-vitest";
        test("mine", ({ tenant }) => expect(tenant.domain).toMatch(/\\.mine\\.test$/));
      `,
      "tenant.yaml": "tenants: [{ displayName: Mine, verifiedDomains: [{ name: mine.test, isDefault: true }] }]",
    },
    { ROPEWAY_TENANT_FILE: "tenant.yaml" },
  );

  expect(output).toContain("Tests  1 passed (1)");
});

test("without port 443 it says who cannot sign in, and Node's clients can", async () => {
  const { output } = await run({ "asks.test.js": ASKS }, { ROPEWAY_LISTEN: "127.0.0.1:0" });

  expect(output).toMatch(/ropeway listens at https:\/\/localhost:\d+\.\n.*MSAL Python.* cannot use the password\n/);
  expect(output).toContain("Tests  1 passed (1)");
});

test("test files share one server", async () => {
  const tells = `
    import { writeFileSync } from "node:fs";
    import { inject } from "vitest";
    import { test } from "ropeway-vitest";
    test("tells", ({ tenant }) => writeFileSync(process.pid + ".told", JSON.stringify(inject("ropeway").pid)));
  `;
  const names = ["one", "two", "three"];

  const { output } = await run(Object.fromEntries(names.map((name) => [`${name}.test.js`, tells])));

  expect(output).toContain("Tests  3 passed (3)");
  const files = readdirSync(folder).filter((name) => name.endsWith(".told"));
  const told = files.map((name) => readFileSync(join(folder, name), "utf8"));
  expect(told).toHaveLength(3);
  expect(new Set(told).size).toBe(1);
});

for (const killed of [false, true]) {
  test(`the server ends with the run${killed ? " that is killed" : ""}`, async () => {
    const meeting = createServer().listen(0, "127.0.0.1");
    await once(meeting, "listening");
    const waits = `
      import { connect } from "node:net";
      import { once } from "node:events";
      import { test } from "ropeway-vitest";
      test("waits", { timeout: 100_000 }, async ({ server }) => {
        const meeting = connect(${meeting.address().port}, "127.0.0.1");
        meeting.write(server.origin + "\\n");
        await once(meeting, "data");
        meeting.destroy();
      });
    `;
    const vitest = project({ "waits.test.js": waits });
    const ended = once(vitest, "exit");
    const [socket] = await once(meeting, "connection");
    const [origin] = await once(createInterface(socket.on("error", () => {})), "line");
    const server = new URL(origin);
    const address = [server.port || 443, server.hostname];
    const open = connect(...address).on("error", () => {});
    await once(open, "connect");

    if (killed) vitest.kill("SIGKILL");
    else socket.write("go on");
    expect(await ended).toEqual(killed ? [null, "SIGKILL"] : [0, null]);
    if (!open.destroyed) await once(open, "close");

    await expect(once(connect(...address), "connect")).rejects.toMatchObject({ code: "ECONNREFUSED" });
    meeting.close();
  });
}
