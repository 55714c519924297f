// What the README prints for Node, run as it is printed.

import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { test } from "node:test";

import { decodeJwt } from "jose";

import { AUTHORITY } from "./alpine.mjs";

test("the README is right", async (context) => {
  const readme = readFileSync(new URL("../../README.md", import.meta.url), "utf8");
  const [, printed] = readme.match(/### Node\n\n```js\n(.*?)```/s);
  // Beside the suite, where its libraries are found.
  const file = new URL("./readme.snippet.mjs", import.meta.url);
  writeFileSync(file, `${printed}export { accessToken };\n`);
  context.after(() => rmSync(file));

  const { accessToken } = await import(file.href);

  const { iss, scp } = decodeJwt(accessToken);
  assert.deepEqual([iss, scp], [`${AUTHORITY}/v2.0`, "Employees.Read"]);
});
