"""azure-identity for Python: what the Azure SDKs put between themselves and a token."""

import jwt
import pytest
from alpine import DEFAULT, LEGACY_TOOL, NIGHTLY_JOB, NIGHTLY_JOB_SECRET, PASSWORD, TENANT
from azure.core.exceptions import ClientAuthenticationError
from azure.core.pipeline.transport import RequestsTransport
from azure.identity import CertificateCredential, ClientSecretCredential, UsernamePasswordCredential


@pytest.fixture
def place(ropeway, wire):
    """Where the tenant is, as every credential takes it."""
    return {
        "authority": ropeway.origin,
        "tenant_id": TENANT,
        "disable_instance_discovery": True,
        "transport": RequestsTransport(session=wire, session_owner=False),
    }


def test_the_right_password_gets_a_token_and_then_the_cached_one(place, wire, realm):
    credential = UsernamePasswordCredential(LEGACY_TOOL, "cloud@alpine.test", PASSWORD, **place)

    first = credential.get_token(*DEFAULT)
    second = credential.get_token(*DEFAULT)

    assert unverified(first.token)["scp"] == "Employees.Read"
    assert second.token == first.token
    assert wire.token_answers == [200]


def test_the_authentication_record_names_the_user(place, realm):
    credential = UsernamePasswordCredential(LEGACY_TOOL, "cloud@alpine.test", PASSWORD, **place)

    record = credential.authenticate(scopes=DEFAULT)

    assert (record.username, record.tenant_id, record.client_id) == ("cloud@alpine.test", TENANT, LEGACY_TOOL)


@pytest.mark.parametrize(
    "user, password, code", [("cloud@alpine.test", "Summit-2041", 50126), ("mfa@alpine.test", PASSWORD, 50076)]
)
def test_a_refusal_is_an_authentication_error_after_one_request(user, password, code, place, wire, realm):
    credential = UsernamePasswordCredential(LEGACY_TOOL, user, password, **place)

    with pytest.raises(ClientAuthenticationError) as refusal:
        credential.get_token(*DEFAULT)

    assert type(refusal.value) is ClientAuthenticationError
    assert f"AADSTS{code}: " in refusal.value.message
    assert refusal.value.response.json()["error_codes"] == [code]
    # azure-core repeats an answer that carries Retry-After.
    assert wire.token_answers == [400]


def test_one_user_refused_and_another_right_is_one_request_each(place, wire, realm):
    with pytest.raises(ClientAuthenticationError, match="AADSTS50076: "):
        UsernamePasswordCredential(LEGACY_TOOL, "mfa@alpine.test", PASSWORD, **place).get_token(*DEFAULT)
    right = UsernamePasswordCredential(LEGACY_TOOL, "cloud@alpine.test", PASSWORD, **place).get_token(*DEFAULT)

    assert unverified(right.token)["scp"] == "Employees.Read"
    assert wire.token_answers == [400, 200]


def test_a_job_gets_a_token_of_its_own_and_then_the_cached_one(place, wire):
    credential = ClientSecretCredential(client_id=NIGHTLY_JOB, client_secret=NIGHTLY_JOB_SECRET, **place)

    first = credential.get_token(*DEFAULT)
    second = credential.get_token(*DEFAULT)

    assert unverified(first.token)["roles"] == ["Employees.Read.All"]
    assert second.token == first.token
    assert wire.token_answers == [200]


def test_a_wrong_secret_is_an_authentication_error(place, wire):
    credential = ClientSecretCredential(client_id=NIGHTLY_JOB, client_secret="guessed", **place)

    with pytest.raises(ClientAuthenticationError, match="AADSTS7000215: "):
        credential.get_token(*DEFAULT)

    assert wire.token_answers == [401]


@pytest.fixture(params=["pem", "pfx"])
def with_certificate(request, place):
    """Makes a credential of a certificate, in either form that the library reads."""

    def make(certificate):
        data = {"pem": certificate.pem.encode(), "pfx": certificate.pfx}[request.param]
        return CertificateCredential(client_id=NIGHTLY_JOB, certificate_data=data, **place)

    return make


def test_a_certificate_gets_a_token_and_then_the_cached_one(with_certificate, certificate, wire):
    credential = with_certificate(certificate)

    first = credential.get_token(*DEFAULT)
    second = credential.get_token(*DEFAULT)

    assert unverified(first.token)["roles"] == ["Employees.Read.All"]
    assert unverified(first.token)["azpacr"] == "2"
    assert second.token == first.token
    assert wire.token_answers == [200]


def test_a_certificate_that_is_not_registered_is_an_authentication_error(with_certificate, stranger, wire):
    with pytest.raises(ClientAuthenticationError, match="AADSTS700027: "):
        with_certificate(stranger).get_token(*DEFAULT)

    assert wire.token_answers == [401]


def unverified(token):
    return jwt.decode(token, options={"verify_signature": False})
