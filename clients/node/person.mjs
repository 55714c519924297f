// A person at the platform's page, with a browser that runs no script.

const FIELD = /<input type="hidden" name="([^"]*)" value="([^"]*)">/g;

/**
 * Opens the address of an authorization request, answers what the pages ask, and returns the address of the answer; an answer
 * by `form_post` is posted there. `code` is what the authenticator app shows, of whoever has one.
 */
export async function signIn(address, username, password, code) {
  const cookies = new Map();
  let [at, page] = await open(new URL(address), {}, cookies);
  const factor = code === undefined ? [] : [{ otc: code }];
  for (const typed of [{ loginfmt: username }, { passwd: password }, ...factor, { action: "no" }]) {
    if (page === undefined || page.includes('data-testid="page-form-post"')) break;
    const { action, hidden } = form(page, at);
    const body = new URLSearchParams([...hidden, ...Object.entries(typed)]);
    [at, page] = await open(action, { method: "POST", body }, cookies);
  }
  if (page?.includes('data-testid="page-form-post"')) {
    const { action, hidden } = form(page, at);
    await fetch(action, { method: "POST", body: new URLSearchParams(hidden) });
    return action;
  }
  if (page !== undefined) throw new Error(`the page goes on asking:\n${page}`);
  return at;
}

/** Types a device's code at the page that the device named, signs in, and confirms that the device is one's own. */
export async function approve(address, userCode, username, password) {
  const cookies = new Map();
  let [at, page] = await open(new URL(address), {}, cookies);
  for (const typed of [{ otc: userCode }, { loginfmt: username }, { passwd: password }, { action: "continue" }]) {
    const { action, hidden } = form(page, at);
    const body = new URLSearchParams([...hidden, ...Object.entries(typed)]);
    [at, page] = await open(action, { method: "POST", body }, cookies);
  }
  if (!page.includes('data-testid="page-device-approved"')) throw new Error(`the device is not approved:\n${page}`);
}

function form(page, at) {
  const action = new URL(page.match(/<form method="post" action="([^"]*)"/)[1], at);
  return { action, hidden: [...page.matchAll(FIELD)].map(([, name, value]) => [name, value]) };
}

async function open(at, request, cookies) {
  const home = at.origin;
  for (;;) {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await fetch(at, { ...request, headers: { cookie }, redirect: "manual" });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = line.match(/^([^=]+)=([^;]*)/);
      cookies.set(name, value);
    }
    const location = answer.headers.get("location");
    if (location === null) return [at, await answer.text()];
    at = new URL(location, at);
    if (at.origin !== home) return [at, undefined];
    request = {};
  }
}
