import { readFileSync } from "node:fs";
import { request } from "node:https";

import { Tenant } from "./tenant.js";

const WITHOUT_443 = `\
Clients in Node work with any port. MSAL Python, and azure-identity for Python and az with it, cannot use the password
grant here: they ask for the user realm on port 443, whatever the port of the authority. On Linux this gives port 443 to
everybody: sudo sysctl -w net.ipv4.ip_unprivileged_port_start=443`;

/** A running server, as its ready file tells. */
export class Server {
  // Private, because it has the control key, which is not for failures and logs.
  #ready;

  constructor(ready) {
    this.#ready = ready;
    this.origin = ready.origin;
    /** The server's CA alone, in PEM. */
    this.caFile = ready.caFile;
    /** The server's CA and the system's roots, in PEM. */
    this.caBundleFile = ready.caBundleFile;
  }

  /** Whether a client that drops the port from an authority still finds it. */
  get on443() {
    return new URL(this.origin).port === "";
  }

  /** What is not possible here and what would help, for a person; nothing if everything is possible. */
  get note() {
    return this.on443 ? undefined : `ropeway listens at ${this.origin}.\n${WITHOUT_443}`;
  }

  /** A copy of a tenant, named by id or domain, else of the first one that the server serves. */
  async copy(tenant = this.#ready.tenants[0].tenantId) {
    const { tenantId, domains } = await this.control("POST", "tenants", { from: tenant });
    return new Tenant(this, tenantId, domains[0]);
  }

  /** Calls the control API: a path below `/_ropeway/api/v1/`, objects in and out. */
  async control(method, path, body) {
    const { status, text } = await this.send(method, `/_ropeway/api/v1/${path}`, body && JSON.stringify(body), {
      Authorization: `Bearer ${this.#ready.controlKey}`,
      "Content-Type": "application/json",
    });
    if (status >= 400) throw new Error(`${method} ${path} was answered ${status}: ${text}`);
    return text && JSON.parse(text);
  }

  /** Status and text of the answer, whatever the status. */
  async send(method, path, body, headers = {}) {
    // Not fetch: it takes no CA, and a test may have put something else in its place.
    return new Promise((resolve, reject) => {
      const sent = request(this.origin + path, { method, headers, ca: readFileSync(this.caFile) }, (answer) => {
        let text = "";
        answer.setEncoding("utf8").on("data", (part) => (text += part));
        answer.on("end", () => resolve({ status: answer.statusCode, text })).on("error", reject);
      });
      sent.on("error", (error) => reject(new Error(`ropeway does not answer at ${this.origin}`, { cause: error })));
      sent.end(body);
    });
  }
}
