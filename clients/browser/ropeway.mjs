// The ropeway binary and the sample applications, started as a user would, each on a port that was free.

import { spawn, execFileSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import http from "node:http";
import https from "node:https";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { TENANT } from "../node/alpine.mjs";

const LONGEST_START = 60_000; // milliseconds; a debug build on a busy machine

const built = fileURLToPath(new URL("../../target/debug/ropeway", import.meta.url));
const binary = process.env.ROPEWAY_BIN || built;
const sample = fileURLToPath(new URL("../../samples/browser-app/", import.meta.url));

/** The sample tenant, with the redirect URIs of its applications moved to free ports. */
export class Ropeway {
  #home = mkdtempSync(join(tmpdir(), "ropeway-browser-"));
  #running = []; // how each is stopped

  static async start() {
    const ropeway = new Ropeway();
    try {
      await ropeway.#serve();
    } catch (error) {
      await ropeway.stop();
      throw error;
    }
    return ropeway;
  }

  async #serve() {
    if (!existsSync(binary)) throw new Error(`${binary} is not there; \`cargo build --workspace\` makes it`);
    const [api, modern, app, second] = await freePorts(4);
    this.ports = { api, modern, app, second };
    const env = { ROPEWAY_HOME: join(this.#home, "data"), XDG_RUNTIME_DIR: this.#home };
    const written = execFileSync(binary, ["tenant", "init", "-"], { encoding: "utf8", env: { ...process.env, ...env } });
    const moved = { 5003: modern, 5004: app, 5005: second };
    const file = join(this.#home, "tenant.yaml");
    // The tool gets a place to answer to: the sample has it ask for the password itself.
    const loopback = 'displayName: Assigned tool\n        publicClient: { redirectUris: ["http://localhost"] }';
    const tenant = written
      .replace(/(?<=http:\/\/localhost:)500[345]/g, (port) => moved[port])
      .replace("displayName: Assigned tool", loopback);
    writeFileSync(file, tenant);
    const readyFile = join(this.#home, "ready.json");
    const serve = ["serve", "--tenant", file, "--listen", "127.0.0.1:0", "--ready-file", readyFile];
    await this.#run(binary, serve, env, "stdout", /^ready /);
    const { origin, caFile, controlKey } = JSON.parse(readFileSync(readyFile, "utf8"));
    this.origin = origin;
    this.authority = `${origin}/${TENANT}`;
    this.ca = readFileSync(caFile);
    this.controlKey = controlKey;
    this.caFile = caFile;
  }

  /** Starts the Employee API, the browser app and both portals. */
  async samples() {
    const { api, modern, app, second } = this.ports;
    const env = {
      AZURE_AUTHORITY_HOST: this.origin,
      ENTRA_CA_FILE: this.caFile,
      EMPLOYEE_API_LISTEN: `localhost:${api}`,
      EMPLOYEE_API_CORS_ORIGIN: this.app("app"),
      EMPLOYEES_URL: `http://localhost:${api}/api/employees`,
      BROWSER_APP_LISTEN: `localhost:${app}`,
      BROWSER_APP_LIBRARY: join(sample, "node_modules/@azure/msal-browser/lib"),
      MODERN_PORTAL_LISTEN: `localhost:${modern}`,
      MODERN_PORTAL_REDIRECT_URI: `${this.app("modern")}/signin-oidc`,
      SECOND_PORTAL_LISTEN: `localhost:${second}`,
      SECOND_PORTAL_REDIRECT_URI: `${this.app("second")}/signin-oidc`,
    };
    const programs = ["employee-api", "browser-app", "modern-portal", "second-portal"];
    await Promise.all(programs.map((name) => this.#run(join(dirname(binary), name), [], env, "stderr", /listening/)));
  }

  /** An application that only has answers sent to it, and asks for nothing. */
  async silentApplication(name) {
    const server = http.createServer((request, response) => {
      response.setHeader("content-type", "text/html");
      request.resume().on("end", () => response.end("<!doctype html><title>Application</title><link rel=icon href=data:>"));
    });
    await once(server.listen(this.ports[name], "localhost"), "listening");
    this.#running.push(async () => {
      server.closeAllConnections();
      await once(server.close(), "close");
    });
  }

  /** The origin of a sample application. */
  app(name) {
    return `http://localhost:${this.ports[name]}`;
  }

  /** Asks the control API, below `/_ropeway/api/v1`. */
  control(method, path, body) {
    const authorization = `Bearer ${this.controlKey}`;
    return this.ask(`${this.origin}/_ropeway/api/v1${path}`, { method, authorization, json: body });
  }

  /** The code that a user's authenticator app shows now. */
  async code(user) {
    return (await this.control("GET", `/tenants/${TENANT}/users/${user}/totp`)).code;
  }

  /** Sends a request, and returns the JSON of the answer: `form` a form, `json` a JSON document. */
  async ask(url, { method = "POST", authorization, form, json } = {}) {
    const body = form ? new URLSearchParams(form).toString() : json && JSON.stringify(json);
    const type = form ? "application/x-www-form-urlencoded" : "application/json";
    const headers = { ...(authorization && { authorization }), ...(body && { "content-type": type }) };
    const [answer] = await once(https.request(url, { method, ca: this.ca, headers }).end(body), "response");
    const text = (await answer.setEncoding("utf8").toArray()).join("");
    return text && JSON.parse(text);
  }

  // Reading the line that says so is waiting without polling.
  async #run(program, args, env, channel, sign) {
    if (!existsSync(program)) throw new Error(`${program} is not there; \`cargo build --workspace\` makes it`);
    const log = join(this.#home, `${this.#running.length}.log`);
    const stdio = ["ignore", "ignore", openSync(log, "w")];
    stdio[channel === "stdout" ? 1 : 2] = "pipe";
    const child = spawn(program, args, { env: { ...process.env, ...env, NO_COLOR: "1" }, stdio });
    const exited = new Promise((resolve, reject) => child.once("exit", resolve).once("error", reject));
    this.#running.push(async () => {
      child.kill();
      await exited;
    });
    const tooLate = setTimeout(() => child.kill("SIGKILL"), LONGEST_START);
    const said = [];
    await new Promise((resolve, reject) => {
      createInterface(child[channel]).on("line", (line) => (said.push(line), sign.test(line) && resolve()));
      const quit = () => reject(new Error(`${program} ended early:\n${said.join("\n")}\n${readFileSync(log, "utf8")}`));
      exited.then(quit, reject);
    });
    clearTimeout(tooLate);
  }

  async stop() {
    await Promise.all(this.#running.map((stop) => stop()));
    rmSync(this.#home, { recursive: true });
  }
}

// All are held until each is known, so that they differ.
async function freePorts(count) {
  const listeners = Array.from({ length: count }, () => createServer().listen(0, "localhost"));
  await Promise.all(listeners.map((listener) => once(listener, "listening")));
  const ports = listeners.map((listener) => listener.address().port);
  await Promise.all(listeners.map((listener) => once(listener.close(), "close")));
  return ports;
}
