"""Authlib, which knows nothing of Entra: OAuth 2.0 as its specification has it."""

import base64

import jwt
import pytest
import requests
from alpine import (
    DEFAULT,
    LEGACY_PORTAL,
    LEGACY_PORTAL_SECRET,
    LEGACY_TOOL,
    NIGHTLY_JOB,
    NIGHTLY_JOB_SECRET,
    PASSWORD,
)
from authlib.integrations.base_client import OAuthError
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT


@pytest.fixture(scope="module")
def token_endpoint(authority):
    return requests.get(f"{authority}/v2.0/.well-known/openid-configuration", timeout=10).json()["token_endpoint"]


@pytest.fixture
def client(token_endpoint, wire):
    """Makes a session whose answers are noted; it finds the token endpoint where the metadata says."""
    sessions = []

    def make(client_id, secret, method, scope):
        session = OAuth2Session(
            client_id, secret, token_endpoint_auth_method=method, scope=scope, token_endpoint=token_endpoint
        )
        session.hooks["response"].append(wire.note)
        sessions.append(session)
        return session

    yield make
    for session in sessions:
        session.close()


@pytest.fixture
def tool(client):
    return client(LEGACY_TOOL, None, "none", f"openid profile offline_access {DEFAULT[0]}")


def sign_in(session, user, password=PASSWORD):
    return session.fetch_token(grant_type="password", username=user, password=password)


@pytest.mark.parametrize(
    "client_id, secret, method",
    [
        (LEGACY_TOOL, None, "none"),
        (LEGACY_PORTAL, LEGACY_PORTAL_SECRET, "client_secret_post"),
        (LEGACY_PORTAL, LEGACY_PORTAL_SECRET, "client_secret_basic"),
    ],
)
def test_the_right_password_gets_tokens(client_id, secret, method, client, wire):
    token = sign_in(client(client_id, secret, method, f"openid profile {DEFAULT[0]}"), "cloud@alpine.test")

    assert unverified(token["access_token"])["scp"] == "Employees.Read"
    assert unverified(token["id_token"])["aud"] == client_id
    assert not token.is_expired()
    assert wire.token_answers == [200]


@pytest.mark.parametrize(
    "user, password, code", [("cloud@alpine.test", "Summit-2041", 50126), ("mfa@alpine.test", PASSWORD, 50076)]
)
def test_a_refusal_is_a_bad_grant(user, password, code, tool, wire):
    with pytest.raises(OAuthError) as refusal:
        sign_in(tool, user, password)

    assert refusal.value.error == "invalid_grant"
    assert refusal.value.description.startswith(f"AADSTS{code}: ")
    assert wire.token_answers == [400]


def test_one_user_refused_and_another_right_in_one_session_is_one_request_each(tool, wire):
    with pytest.raises(OAuthError, match="AADSTS50076: "):
        sign_in(tool, "mfa@alpine.test")
    right = sign_in(tool, "cloud@alpine.test")

    assert unverified(right["access_token"])["scp"] == "Employees.Read"
    assert wire.token_answers == [400, 200]


def test_a_refresh_token_gets_a_fresh_token_of_the_same_user(tool, wire):
    first = sign_in(tool, "cloud@alpine.test")

    fresh = tool.refresh_token()

    assert fresh["access_token"] != first["access_token"]
    assert unverified(fresh["access_token"])["oid"] == unverified(first["access_token"])["oid"]
    assert wire.token_answers == [200, 200]


@pytest.mark.parametrize("method", ["client_secret_post", "client_secret_basic"])
class TestJob:
    def test_it_gets_a_token_of_its_own(self, method, client, wire):
        token = client(NIGHTLY_JOB, NIGHTLY_JOB_SECRET, method, DEFAULT[0]).fetch_token(grant_type="client_credentials")

        assert unverified(token["access_token"])["roles"] == ["Employees.Read.All"]
        assert {"id_token", "refresh_token"}.isdisjoint(token)
        assert wire.token_answers == [200]

    def test_a_wrong_secret_is_a_bad_client(self, method, client, wire):
        with pytest.raises(OAuthError, match="AADSTS7000215: ") as refusal:
            client(NIGHTLY_JOB, "guessed", method, DEFAULT[0]).fetch_token(grant_type="client_credentials")

        assert refusal.value.error == "invalid_client"
        assert wire.token_answers == [401]


@pytest.mark.parametrize("algorithm", ["RS256", "PS256"])
class TestPrivateKey:
    """Entra wants the client's id beside the assertion, and the certificate's thumbprint in it: both left to the caller."""

    def test_a_job_gets_a_token_of_its_own(self, algorithm, client, certificate, wire):
        token = self.of(client, certificate, algorithm).fetch_token(**self.wanted)

        assert unverified(token["access_token"])["roles"] == ["Employees.Read.All"]
        assert unverified(token["access_token"])["azpacr"] == "2"
        assert wire.token_answers == [200]

    def test_one_that_is_not_registered_is_a_bad_client(self, algorithm, client, stranger, wire):
        with pytest.raises(OAuthError, match="AADSTS700027: ") as refusal:
            self.of(client, stranger, algorithm).fetch_token(**self.wanted)

        assert refusal.value.error == "invalid_client"
        assert wire.token_answers == [401]

    def test_without_the_clients_id_the_request_is_refused(self, algorithm, client, certificate, wire):
        with pytest.raises(OAuthError, match="AADSTS900144: .*'client_id'"):
            self.of(client, certificate, algorithm).fetch_token(grant_type="client_credentials")

        assert wire.token_answers == [400]

    wanted = {"grant_type": "client_credentials", "client_id": NIGHTLY_JOB}

    @staticmethod
    def of(client, certificate, algorithm):
        thumbprint = base64.urlsafe_b64encode(certificate.sha256).rstrip(b"=").decode()
        session = client(NIGHTLY_JOB, certificate.key_pem, "private_key_jwt", DEFAULT[0])
        session.register_client_auth_method(PrivateKeyJWT(headers={"x5t#S256": thumbprint}, alg=algorithm))
        return session


def unverified(token):
    return jwt.decode(token, options={"verify_signature": False})
