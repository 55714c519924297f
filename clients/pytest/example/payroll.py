"""A nightly script as many have one: it signs in with a name and a password. Its API lets in who has a token."""

import jwt
import msal

LEGACY_TOOL = "e0a91000-0000-4000-8000-00000000000c"
EMPLOYEE_API = "e0a91000-0000-4000-8000-00000000000a"
SCOPES = ["api://employees.alpine.test/Employees.Read"]
MUST_USE_A_BROWSER = {50076, 50079, 65001}


class CannotSignIn(Exception):
    pass


def sign_in(authority, user, password):
    """An access token for the API."""
    app = msal.PublicClientApplication(LEGACY_TOOL, authority=authority, instance_discovery=False)
    answer = app.acquire_token_by_username_password(user, password, SCOPES)
    if "access_token" in answer:
        return answer["access_token"]
    if MUST_USE_A_BROWSER & set(answer.get("error_codes", [])):
        raise CannotSignIn(f"{user} must sign in with a browser once; a script cannot")
    raise CannotSignIn(answer["error_description"])


def employee(authority, token):
    """Who calls the API: the name in a token that is good."""
    keys = jwt.PyJWKClient(f"{authority}/discovery/v2.0/keys")
    claims = jwt.decode(
        token,
        keys.get_signing_key_from_jwt(token),
        algorithms=["RS256"],
        audience=EMPLOYEE_API,
        issuer=f"{authority}/v2.0",
    )
    return claims["preferred_username"]
