// The sample tenant's cast, as the README lists it.
const PASSWORD = "Summit-2042";
const LEGACY_TOOL = "e0a91000-0000-4000-8000-00000000000c";
const NIGHTLY_JOB = "e0a91000-0000-4000-8000-00000000000f";
const NIGHTLY_JOB_SECRET = "nightly-job-secret";
const EMPLOYEES = "api://employees.alpine.test/.default";

/** The token endpoint refused. The message has the AADSTS code, the cause and the remedy. */
export class Refused extends Error {
  name = "Refused";

  constructor(who, body, explanation) {
    const cause = section(explanation, "Why");
    const remedy = section(explanation, "What to do");
    const text = body.error_description.split("Trace ID")[0].trim();
    super(`${who} got no token: ${text}\n  cause: ${cause}\n  remedy: ${remedy}`);
    /** The AADSTS code as a number. */
    this.code = body.error_codes[0];
    /** OAuth's `error`. */
    this.error = body.error;
    /** The whole answer, as a client gets it. */
    this.body = body;
    this.cause = cause;
    this.remedy = remedy;
  }
}

/** A paragraph of `ropeway explain`, in one line. */
function section(explanation, title) {
  const found = explanation.match(new RegExp(`^${title} (.*\\n(?: .*\\n)*)`, "m"));
  return found ? found[1].trim().split(/\s+/).join(" ") : "unknown";
}

/** A copy of the tenant: same user names before the @, same applications, passwords and secrets; ids of its own. */
export class Tenant {
  #server;

  constructor(server, id, domain) {
    this.#server = server;
    this.id = id;
    /** The default domain. */
    this.domain = domain;
    this.origin = server.origin;
    this.authority = `${server.origin}/${id}`;
    this.caFile = server.caFile;
    this.caBundleFile = server.caBundleFile;
  }

  /** What `DefaultAzureCredential` reads to be the sample's Nightly job in this tenant. */
  get environment() {
    return {
      AZURE_AUTHORITY_HOST: this.origin,
      AZURE_TENANT_ID: this.id,
      AZURE_CLIENT_ID: NIGHTLY_JOB,
      AZURE_CLIENT_SECRET: NIGHTLY_JOB_SECRET,
    };
  }

  /** What a person of this tenant types to sign in: for `mfa`, `mfa@` and the copy's domain. A name with an @ stays. */
  async userName(user) {
    if (user.includes("@")) return user;
    const { value: users } = await this.control("GET", "users?top=1000");
    const names = users.map(signInName);
    const called = names.filter((name) => name.split("@")[0].toLowerCase() === user.toLowerCase());
    // The default domain first: a guest may be called like a member.
    const found = called.find((name) => name.endsWith(`@${this.domain}`)) ?? called[0];
    if (found) return found;
    throw new Error(`the tenant has no user ${user}; it has ${names.map((name) => name.split("@")[0]).join(", ")}`);
  }

  /** An access token by the password grant, or `Refused`. The client is the sample's Legacy tool. */
  async token(user, { password = PASSWORD, clientId = LEGACY_TOOL, clientSecret, scope = EMPLOYEES } = {}) {
    const secret = clientSecret && { client_secret: clientSecret };
    const form = { grant_type: "password", username: await this.userName(user), password, client_id: clientId };
    const answer = await this.ask({ ...form, scope: `openid profile ${scope}`, ...secret });
    return answer.access_token;
  }

  /** An access token by client credentials, or `Refused`. The client is the sample's Nightly job. */
  async appToken({ clientId = NIGHTLY_JOB, clientSecret = NIGHTLY_JOB_SECRET, scope = EMPLOYEES } = {}) {
    const form = { grant_type: "client_credentials", client_id: clientId, client_secret: clientSecret, scope };
    return (await this.ask(form)).access_token;
  }

  /** Posts any form to the v2.0 token endpoint; its answer, or `Refused`. */
  async ask(form) {
    const kind = { "Content-Type": "application/x-www-form-urlencoded" };
    const path = `/${this.id}/oauth2/v2.0/token`;
    const { status, text } = await this.#server.send("POST", path, new URLSearchParams(form).toString(), kind);
    const body = JSON.parse(text);
    if (status === 200) return body;
    const { text: explanation } = await this.#server.send("GET", `/error?code=${body.error_codes[0]}`);
    throw new Refused(form.username ?? form.client_id, body, explanation);
  }

  /** Lets time pass in this tenant. */
  async advance({ days = 0, hours = 0, minutes = 0, seconds = 0 }) {
    await this.control("POST", "clock/advance", { seconds: ((days * 24 + hours) * 60 + minutes) * 60 + seconds });
  }

  /** Changes a user by Graph's property names: `changeUser("cloud", { accountEnabled: false })`. */
  async changeUser(user, changes) {
    return this.control("PATCH", `users/${encodeURIComponent(await this.userName(user))}`, changes);
  }

  /** Calls the control API below this tenant: `control("GET", "signIns")`. */
  async control(method, path, body) {
    return this.#server.control(method, `tenants/${this.id}/${path}`, body);
  }

  async drop() {
    await this.#server.control("DELETE", `tenants/${this.id}`);
  }
}

function signInName(user) {
  // A guest signs in by the mail address that it was invited with.
  return user.userType === "Guest" && user.mail ? user.mail : user.userPrincipalName;
}
