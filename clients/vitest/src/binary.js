// The ropeway binary, started once and ended with the process that started it.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { accessSync, closeSync, constants, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { delimiter, join, sep } from "node:path";
import { createInterface } from "node:readline";

const LONGEST_START = 60_000; // milliseconds; a debug build on a busy machine

/** Starts `ropeway serve`; what its ready file says, and what stops it. */
export async function start() {
  const { ROPEWAY_LISTEN: listen, ROPEWAY_TENANT_FILE: file } = process.env;
  const command = ["serve", "--stop-at-eof", ...(listen ? ["--listen", listen] : await freeAddress())];
  if (file) command.push("--tenant", file);
  const program = binary();
  // Its runtime file is kept from the person's own `ropeway env`, which looks for the server they started.
  const folder = mkdtempSync(join(tmpdir(), "ropeway-"));
  const log = join(folder, "log");
  const readyFile = join(folder, "ready.json");
  const stderr = openSync(log, "w");
  try {
    // It reads its end from its standard input, so it cannot outlive this process.
    const child = spawn(program, [...command, "--ready-file", readyFile], {
      env: { ...process.env, XDG_RUNTIME_DIR: folder },
      stdio: ["pipe", "pipe", stderr],
      // Ctrl-c is for Vitest, whose fixtures then still drop their tenants.
      detached: true,
    });
    const exited = new Promise((resolve, reject) => child.once("exit", resolve).once("error", reject));
    if (!(await isReady(child, exited))) {
      throw new Error(`ropeway did not get ready; it said:\n${readFileSync(log, "utf8")}`);
    }
    const stop = async () => {
      child.stdin.end();
      await exited;
    };
    return { ready: JSON.parse(readFileSync(readyFile, "utf8")), stop };
  } finally {
    closeSync(stderr);
    rmSync(folder, { recursive: true });
  }
}

// The ready line is the only one on standard output, so reading it is waiting without polling.
async function isReady(child, exited) {
  const tooLate = setTimeout(() => child.kill("SIGKILL"), LONGEST_START);
  const line = once(createInterface(child.stdout), "line").then(([line]) => line);
  const first = await Promise.race([line, exited.then(() => "")]).finally(() => clearTimeout(tooLate));
  return first.startsWith("ready ");
}

function binary() {
  const named = process.env.ROPEWAY_BIN;
  const folders = (process.env.PATH ?? "").split(delimiter);
  const candidates = named?.includes(sep) ? [named] : folders.map((folder) => join(folder, named || "ropeway"));
  const found = candidates.find(runs);
  if (found) return found;
  const what = named ? `ROPEWAY_BIN names ${named}, which is no program` : "there is no `ropeway` on the PATH";
  throw new Error(`${what}; \`cargo install --path crates/cli\` puts one there, or set ROPEWAY_BIN to the binary`);
}

function runs(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** A loopback address of its own with port 443 if this account may have one, else any free port. */
async function freeAddress() {
  for (let attempt = 0; attempt < 20; attempt++) {
    const address = ["127", ...Array.from({ length: 3 }, () => 1 + Math.floor(Math.random() * 254))].join(".");
    if (await free(address)) return ["--listen", `${address}:443`, "--origin", `https://${address}`];
  }
  return ["--listen", "127.0.0.1:0"];
}

function free(address) {
  return new Promise((resolve) => {
    const probe = createServer().once("error", () => resolve(false));
    probe.listen(443, address, () => probe.close(() => resolve(true)));
  });
}
