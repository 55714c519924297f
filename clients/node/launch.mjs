// Starts the ropeway binary as a user would, runs the tests against it with the variables of `ropeway env`, and
// stops it.
//
// The tests are a process of their own because Node reads NODE_EXTRA_CA_CERTS only when it starts.

import { execFileSync, spawn } from "node:child_process";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, openSync, readFileSync, readdirSync, rmSync } from "node:fs";
import https from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { LEGACY_PORTAL, LEGACY_TOOL, NIGHTLY_JOB, TENANT } from "./alpine.mjs";

const LONGEST_START = 60_000; // milliseconds; a debug build on a busy machine

const here = fileURLToPath(new URL(".", import.meta.url));
const binary = process.env.ROPEWAY_BIN || fileURLToPath(new URL("../../target/debug/ropeway", import.meta.url));
const home = mkdtempSync(join(tmpdir(), "ropeway-node-"));
try {
  process.exitCode = await run();
} finally {
  rmSync(home, { recursive: true });
}

async function run() {
  if (!existsSync(binary)) {
    console.error(`${binary} is not there; \`cargo build -p ropeway\` makes it`);
    return 1;
  }
  const readyFile = join(home, "ready.json");
  const log = join(home, "log");
  const env = { ...process.env, ROPEWAY_HOME: join(home, "data"), XDG_RUNTIME_DIR: home };
  const server = spawn(binary, ["serve", "--listen", "127.0.0.1:0", "--ready-file", readyFile], {
    env,
    stdio: ["ignore", "pipe", openSync(log, "w")],
  });
  const exited = new Promise((resolve, reject) => server.once("exit", resolve).once("error", reject));
  try {
    if (!(await isReady(server, exited))) {
      console.error(`ropeway did not get ready; it said:\n${readFileSync(log, "utf8")}`);
      return 1;
    }
    const ready = JSON.parse(readFileSync(readyFile, "utf8"));
    const variables = execFileSync(binary, ["env", "--format", "json", "--origin", ready.origin], { env });
    await register(certificate("registered"), ready);
    certificate("stranger");
    const own = { ROPEWAY_ORIGIN: ready.origin, ROPEWAY_CONTROL_KEY: ready.controlKey, ROPEWAY_CERTIFICATES: home };
    return await test({ ...JSON.parse(variables), ...own });
  } finally {
    server.kill();
    await exited;
  }
}

// The ready line is the only one on standard output, so reading it is waiting without polling.
async function isReady(server, exited) {
  const tooLate = setTimeout(() => server.kill("SIGKILL"), LONGEST_START);
  const line = once(createInterface(server.stdout), "line").then(([line]) => line);
  const first = await Promise.race([line, exited.then(() => "")]);
  clearTimeout(tooLate);
  return first.startsWith("ready ");
}

// A key and a certificate of it that it signed itself: Node has no means to make one.
function certificate(name) {
  const files = ["-keyout", join(home, `${name}.key`), "-out", join(home, `${name}.crt`)];
  const subject = ["-subj", "/CN=Ropeway client test", "-days", "2"];
  execFileSync("openssl", ["req", "-x509", "-newkey", "rsa:2048", "-noenc", ...subject, ...files], { stdio: "pipe" });
  return new X509Certificate(readFileSync(join(home, `${name}.crt`)));
}

// With both confidential clients, beside their secrets, by the control API; and where the tool listens for answers.
async function register(certificate, { origin, caFile, controlKey }) {
  const key = certificate.raw.toString("base64");
  const credential = { keyCredentials: [{ type: "AsymmetricX509Cert", usage: "Verify", key }] };
  const loopback = { publicClient: { redirectUris: ["http://localhost"] } };
  for (const [client, change] of [[LEGACY_PORTAL, credential], [NIGHTLY_JOB, credential], [LEGACY_TOOL, loopback]]) {
    const request = https.request(`${origin}/_ropeway/api/v1/tenants/${TENANT}/applications/${client}`, {
      method: "PATCH",
      ca: readFileSync(caFile),
      headers: { authorization: `Bearer ${controlKey}`, "content-type": "application/json" },
    });
    const [answer] = await once(request.end(JSON.stringify(change)), "response");
    answer.resume();
    if (answer.statusCode !== 200) throw new Error(`changing ${client} was answered ${answer.statusCode}`);
  }
}

async function test(environment) {
  const files = readdirSync(here).filter((name) => name.endsWith(".test.mjs"));
  const chosen = process.argv.slice(2);
  const tests = spawn(process.execPath, ["--test", "--test-reporter=spec", ...chosen, ...files], {
    cwd: here,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "inherit", "inherit"],
  });
  const [code] = await once(tests, "exit");
  return code ?? 1;
}
