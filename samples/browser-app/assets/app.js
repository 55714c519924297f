// A public client: authorization code with PKCE, tokens in this tab's session storage, no secret anywhere.
const element = (id) => document.getElementById(id);

// In a frame or a window of the library's, this page is only the end of the way, and hands the answer back.
if (window.parent !== window || window.opener) {
  await msalRedirectBridge.broadcastResponseToMainFrame();
} else {
  await run().catch(tell);
}

async function run() {
  const config = await (await fetch("/config.json")).json();
  const here = `${location.origin}/`;
  const app = new msal.PublicClientApplication({
    auth: {
      clientId: config.clientId,
      authority: config.authority,
      // Otherwise the library asks Microsoft about a host that it does not know.
      knownAuthorities: [new URL(config.authority).host],
      redirectUri: here,
      postLogoutRedirectUri: here,
    },
  });
  await app.initialize();
  const answer = await app.handleRedirectPromise();
  const account = answer?.account ?? app.getAllAccounts()[0];
  const scopes = [config.scope];

  element("sign-in").onclick = () => app.loginRedirect({ scopes }).catch(tell);
  element("sign-out").onclick = () => app.logoutRedirect({ account }).catch(tell);
  if (!account) {
    element("signed-out").hidden = false;
    return;
  }
  let renewals = 0;
  element("renew").onclick = async () => {
    try {
      await list(config, await token(app, { scopes, account, forceRefresh: true }));
      renewals += 1;
      element("renewals").textContent = renewals;
    } catch (error) {
      tell(error);
    }
  };
  element("display-name").textContent = account.name ?? account.username;
  element("user").textContent = account.username;
  element("signed-in").hidden = false;
  await list(config, await token(app, { scopes, account }));
}

// Silently if that is possible, else on the platform's page.
async function token(app, request) {
  try {
    return (await app.acquireTokenSilent(request)).accessToken;
  } catch (error) {
    if (!(error instanceof msal.InteractionRequiredAuthError)) throw error;
    await app.acquireTokenRedirect(request);
    return new Promise(() => {}); // the browser is leaving
  }
}

async function list(config, accessToken) {
  const answer = await fetch(config.employeesUrl, { headers: { Authorization: `Bearer ${accessToken}` } });
  if (!answer.ok) throw new Error(`The Employee API answered ${answer.status}.`);
  const rows = (await answer.json()).map((employee) => {
    const row = document.createElement("tr");
    row.dataset.testid = "employee";
    for (const text of [employee.displayName, employee.department]) {
      row.append(Object.assign(document.createElement("td"), { textContent: text }));
    }
    return row;
  });
  element("employees").replaceChildren(...rows);
}

function tell(error) {
  element("trouble").textContent = error.message;
  element("trouble").hidden = false;
}
