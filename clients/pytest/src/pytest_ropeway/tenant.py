"""A tenant of one test's own."""

import json
import re
from datetime import timedelta
from urllib.parse import quote, urlencode

from .https import ServerError

# The sample tenant's cast, as the README lists it.
PASSWORD = "Summit-2042"
LEGACY_TOOL = "e0a91000-0000-4000-8000-00000000000c"
NIGHTLY_JOB = "e0a91000-0000-4000-8000-00000000000f"
NIGHTLY_JOB_SECRET = "nightly-job-secret"
EMPLOYEES = "api://employees.alpine.test/.default"


class Refused(Exception):
    """The token endpoint refused. The message has the AADSTS code, the cause and the remedy."""

    def __init__(self, who, body, explanation):
        self.code = body["error_codes"][0]
        """The AADSTS code as a number."""
        self.error = body["error"]
        """OAuth's `error`."""
        self.body = body
        """The whole answer, as a client gets it."""
        self.cause = section(explanation, "Why")
        self.remedy = section(explanation, "What to do")
        text = body["error_description"].partition("Trace ID")[0].strip()
        super().__init__(f"{who} got no token: {text}\n  cause: {self.cause}\n  remedy: {self.remedy}")


def section(explanation, title):
    """A paragraph of `ropeway explain`, in one line."""
    found = re.search(rf"^{title} (.*\n(?: .*\n)*)", explanation, re.MULTILINE)
    return " ".join(found[1].split()) if found else "unknown"


class Tenant:
    """A copy of the tenant: same user names before the @, same applications, passwords and secrets; ids of its own."""

    def __init__(self, server, tenant_id, domain):
        self._server = server
        self.id = tenant_id
        self.domain = domain
        """The default domain."""
        self.origin = server.origin
        self.authority = f"{server.origin}/{tenant_id}"
        self.ca_file = server.ca_file
        """The server's CA alone, in PEM."""
        self.ca_bundle_file = server.ca_bundle_file
        """The server's CA and the system's roots, in PEM."""

    def __repr__(self):
        return f"<Tenant {self.domain} at {self.authority}>"

    @property
    def environment(self):
        """What `DefaultAzureCredential` reads to be the sample's Nightly job in this tenant."""
        return {
            "AZURE_AUTHORITY_HOST": self.origin,
            "AZURE_TENANT_ID": self.id,
            "AZURE_CLIENT_ID": NIGHTLY_JOB,
            "AZURE_CLIENT_SECRET": NIGHTLY_JOB_SECRET,
        }

    def user_name(self, user):
        """What a person of this tenant types to sign in: for `mfa`, `mfa@` and the copy's domain. A name with an @ stays."""
        if "@" in user:
            return user
        users = self.control("GET", "users?top=1000")["value"]
        # The default domain first: a guest may be called like a member.
        names = sorted(map(sign_in_name, users), key=lambda name: not name.endswith(f"@{self.domain}"))
        for name in names:
            if name.partition("@")[0].lower() == user.lower():
                return name
        known = ", ".join(name.partition("@")[0] for name in names)
        raise ServerError(f"the tenant has no user {user}; it has {known}")

    def token(self, user, *, password=PASSWORD, client_id=LEGACY_TOOL, client_secret=None, scope=EMPLOYEES):
        """An access token by the password grant, or `Refused`. The client is the sample's Legacy tool."""
        __tracebackhide__ = True
        form = {"grant_type": "password", "username": self.user_name(user), "password": password}
        form |= {"client_id": client_id, "scope": f"openid profile {scope}"}
        return self.ask(form | ({"client_secret": client_secret} if client_secret else {}))["access_token"]

    def app_token(self, *, client_id=NIGHTLY_JOB, client_secret=NIGHTLY_JOB_SECRET, scope=EMPLOYEES):
        """An access token by client credentials, or `Refused`. The client is the sample's Nightly job."""
        __tracebackhide__ = True
        form = {"grant_type": "client_credentials", "client_id": client_id, "client_secret": client_secret}
        return self.ask(form | {"scope": scope})["access_token"]

    def ask(self, form):
        """Posts any form to the v2.0 token endpoint; its answer, or `Refused`."""
        __tracebackhide__ = True
        https = self._server.https
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        status, answer = https.send("POST", f"/{self.id}/oauth2/v2.0/token", urlencode(form).encode(), kind)
        body = json.loads(answer)
        if status == 200:
            return body
        _, explanation = https.send("GET", f"/error?code={body['error_codes'][0]}")
        raise Refused(form.get("username") or form.get("client_id"), body, explanation)

    def advance(self, time):
        """Lets time pass in this tenant: seconds, or a `timedelta`."""
        seconds = time.total_seconds() if isinstance(time, timedelta) else time
        self.control("POST", "clock/advance", {"seconds": int(seconds)})

    def change_user(self, user, **changes):
        """Changes a user by Graph's property names: `change_user("cloud", accountEnabled=False)`."""
        return self.control("PATCH", f"users/{quote(self.user_name(user), safe='@')}", changes)

    def control(self, method, path, body=None):
        """Calls the control API below this tenant: `control("GET", "signIns")`."""
        return self._server.control(method, f"tenants/{self.id}/{path}", body)

    def drop(self):
        self._server.control("DELETE", f"tenants/{self.id}")


def sign_in_name(user):
    # A guest signs in by the mail address that it was invited with.
    return user["mail"] if user.get("userType") == "Guest" and user.get("mail") else user["userPrincipalName"]
