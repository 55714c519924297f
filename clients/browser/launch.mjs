// Runs the tests one file after another, each with a server of its own.

import { spawnSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const here = fileURLToPath(new URL(".", import.meta.url));
const files = readdirSync(here).filter((name) => name.endsWith(".test.mjs"));
const chosen = process.argv.slice(2);
const options = ["--test", "--test-concurrency=1", "--test-reporter=spec"];
const { status } = spawnSync(process.execPath, [...options, ...chosen, ...files], { cwd: here, stdio: "inherit" });
process.exitCode = status ?? 1;
