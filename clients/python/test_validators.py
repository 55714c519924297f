"""What an API written in Python uses to accept tokens: PyJWT alone, and fastapi-azure-auth."""

import ssl

import jwt
import msal
import pytest
import requests
from alpine import (
    DEFAULT,
    EMPLOYEE_API,
    LEGACY_PORTAL,
    LEGACY_PORTAL_SECRET,
    NIGHTLY_JOB,
    NIGHTLY_JOB_SECRET,
    PASSWORD,
    TENANT,
)
from fastapi import FastAPI, Security
from fastapi.testclient import TestClient
from fastapi_azure_auth.auth import AzureAuthorizationCodeBearerBase
from fastapi_azure_auth.user import User


@pytest.fixture(scope="module")
def metadata(authority):
    return requests.get(f"{authority}/v2.0/.well-known/openid-configuration", timeout=10).json()


@pytest.fixture(scope="module")
def trust(ropeway):
    return ssl.create_default_context(cafile=ropeway.ca_file)


@pytest.fixture(scope="module")
def user_tokens(authority, ropeway):
    """Posted plainly, as code that uses no library does; so it needs no user realm either."""
    form = {
        "grant_type": "password",
        "client_id": LEGACY_PORTAL,
        "client_secret": LEGACY_PORTAL_SECRET,
        "username": "cloud@alpine.test",
        "password": PASSWORD,
        "scope": f"openid profile {DEFAULT[0]}",
    }
    answer = requests.post(f"{authority}/oauth2/v2.0/token", data=form, timeout=10)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture(scope="module")
def job_token(authority, ropeway):
    job = msal.ConfidentialClientApplication(
        NIGHTLY_JOB, client_credential=NIGHTLY_JOB_SECRET, authority=authority, instance_discovery=False
    )
    return job.acquire_token_for_client(DEFAULT)["access_token"]


def verified(token, audience, metadata, trust):
    key = jwt.PyJWKClient(metadata["jwks_uri"], ssl_context=trust).get_signing_key_from_jwt(token)
    required = {"require": ["exp", "iat", "nbf", "iss", "aud", "sub"]}
    return jwt.decode(
        token, key, algorithms=["RS256"], audience=audience, issuer=metadata["issuer"], options=required
    )


def test_pyjwt_accepts_an_access_token_against_the_metadata(user_tokens, metadata, trust):
    claims = verified(user_tokens["access_token"], EMPLOYEE_API, metadata, trust)

    assert claims["scp"] == "Employees.Read"
    assert claims["tid"] == TENANT


def test_pyjwt_accepts_an_id_token_for_its_client(user_tokens, metadata, trust):
    claims = verified(user_tokens["id_token"], LEGACY_PORTAL, metadata, trust)

    assert claims["preferred_username"] == "cloud@alpine.test"


def test_pyjwt_accepts_a_token_of_the_job(job_token, metadata, trust):
    assert verified(job_token, EMPLOYEE_API, metadata, trust)["roles"] == ["Employees.Read.All"]


def test_pyjwt_refuses_an_access_token_for_another_audience(user_tokens, metadata, trust):
    with pytest.raises(jwt.InvalidAudienceError):
        verified(user_tokens["access_token"], LEGACY_PORTAL, metadata, trust)


def test_pyjwt_refuses_a_tampered_token(user_tokens, metadata, trust):
    with pytest.raises(jwt.InvalidSignatureError):
        verified(tampered(user_tokens["access_token"]), EMPLOYEE_API, metadata, trust)


@pytest.fixture(scope="module")
def api(authority, trust):
    """An API as its authors would write it with fastapi-azure-auth."""
    scheme = AzureAuthorizationCodeBearerBase(
        app_client_id=EMPLOYEE_API,
        openid_config_url=f"{authority}/v2.0/.well-known/openid-configuration",
        http_client_config={"verify": trust},
    )
    app = FastAPI()

    @app.get("/employees")
    async def employees(user: User = Security(scheme, scopes=["Employees.Read"])):  # noqa: B008
        return {"name": user.preferred_username, "scopes": user.scp}

    @app.get("/whoever", dependencies=[Security(scheme)])
    async def whoever():
        return {}

    with TestClient(app) as client:
        yield client


def test_fastapi_azure_auth_lets_a_user_in(api, user_tokens):
    answer = ask(api, user_tokens["access_token"])

    assert answer.status_code == 200, answer.text
    assert answer.json() == {"name": "cloud@alpine.test", "scopes": ["Employees.Read"]}


def test_fastapi_azure_auth_refuses_a_tampered_token(api, user_tokens):
    assert ask(api, tampered(user_tokens["access_token"])).status_code == 401


def test_fastapi_azure_auth_lets_a_job_in_only_where_no_scope_is_asked(api, job_token):
    assert ask(api, job_token, "/whoever").status_code == 200
    assert ask(api, job_token).status_code == 403


def test_fastapi_azure_auth_refuses_an_id_token(api, user_tokens):
    assert ask(api, user_tokens["id_token"], "/whoever").status_code == 401


def ask(api, token, path="/employees"):
    return api.get(path, headers={"Authorization": f"Bearer {token}"})


def tampered(token):
    """The same token with one character in the middle of its signature changed."""
    head, _, signature = token.rpartition(".")
    middle = len(signature) // 2
    other = "A" if signature[middle] != "A" else "B"
    return f"{head}.{signature[:middle]}{other}{signature[middle + 1:]}"
