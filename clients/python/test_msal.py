"""MSAL Python, as a public client (Legacy tool) and as a confidential one (Legacy portal, Nightly job)."""

import base64
import json

import msal
import pytest
from alpine import (
    DEFAULT,
    LEGACY_PORTAL,
    LEGACY_PORTAL_SECRET,
    LEGACY_TOOL,
    NIGHTLY_JOB,
    NIGHTLY_JOB_SECRET,
    PASSWORD,
    READ,
    TENANT,
    WRITE,
)


@pytest.fixture
def tool(authority, wire, realm):
    return msal.PublicClientApplication(LEGACY_TOOL, authority=authority, instance_discovery=False, http_client=wire)


@pytest.fixture
def portal(authority, wire, realm):
    return confidential(LEGACY_PORTAL, LEGACY_PORTAL_SECRET, authority, wire)


def confidential(client_id, secret, authority, wire):
    return msal.ConfidentialClientApplication(
        client_id, client_credential=secret, authority=authority, instance_discovery=False, http_client=wire
    )


@pytest.mark.parametrize("client", ["tool", "portal"])
def test_the_right_password_gets_tokens(client, request, wire):
    app = request.getfixturevalue(client)

    result = app.acquire_token_by_username_password("cloud@alpine.test", PASSWORD, DEFAULT)

    assert "error" not in result, result
    assert wire.token_answers == [200]
    assert result["token_type"] == "Bearer"
    assert result["token_source"] == "identity_provider"
    assert isinstance(result["expires_in"], int) and 3000 < result["expires_in"] <= 5400
    assert set(result["scope"].split()) == {*READ, *DEFAULT}
    assert result["refresh_token"]
    assert result["id_token_claims"]["preferred_username"] == "cloud@alpine.test"
    assert result["id_token_claims"]["tid"] == TENANT
    assert result["id_token_claims"]["aud"] == app.client_id
    access = claims(result["access_token"])
    assert access["scp"] == "Employees.Read"
    assert access["ver"] == "2.0"
    [account] = app.get_accounts()
    assert account["username"] == "cloud@alpine.test"
    assert account["home_account_id"] == f"{access['oid']}.{TENANT}"


def test_a_wrong_password_is_refused_as_a_bad_grant(tool, wire):
    result = tool.acquire_token_by_username_password("cloud@alpine.test", "Summit-2041", DEFAULT)

    assert result["error"] == "invalid_grant"
    assert result["error_codes"] == [50126]
    assert result["error_description"].startswith("AADSTS50126: ")
    assert "suberror" not in result and "access_token" not in result
    assert result["trace_id"] in result["error_description"]
    assert result["correlation_id"] in result["error_description"]
    assert wire.token_answers == [400]
    assert tool.get_accounts() == []


def test_a_user_with_a_second_factor_is_told_that_it_is_needed(tool, wire):
    result = tool.acquire_token_by_username_password("mfa@alpine.test", PASSWORD, DEFAULT)

    assert result["error"] == "invalid_grant"
    assert result["error_codes"] == [50076]
    assert result["error_description"].startswith("AADSTS50076: ")
    assert result["suberror"] == "basic_action"
    assert wire.token_answers == [400]


def test_one_user_refused_and_another_right_in_one_application_is_one_request_each(tool, wire):
    refused = tool.acquire_token_by_username_password("mfa@alpine.test", PASSWORD, DEFAULT)
    right = tool.acquire_token_by_username_password("cloud@alpine.test", PASSWORD, DEFAULT)

    assert refused["error_codes"] == [50076]
    assert claims(right["access_token"])["scp"] == "Employees.Read"
    assert wire.token_answers == [400, 200]


def test_the_same_refused_request_reaches_the_server_again(tool, wire):
    """MSAL Python replays a 400 for a minute unless the answer says otherwise, and a test cannot wait for that."""
    for _ in range(2):
        result = tool.acquire_token_by_username_password("mfa@alpine.test", PASSWORD, DEFAULT)
        assert result["error_codes"] == [50076]

    assert wire.token_answers == [400, 400]


def test_a_silent_call_is_answered_from_the_cache(tool, wire):
    first = tool.acquire_token_by_username_password("cloud@alpine.test", PASSWORD, DEFAULT)
    [account] = tool.get_accounts()

    for scopes in (DEFAULT, READ):
        silent = tool.acquire_token_silent(scopes, account=account)
        assert silent["access_token"] == first["access_token"]
        assert silent["token_source"] == "cache"
    assert wire.token_answers == [200]


def test_a_forced_silent_call_redeems_the_refresh_token(tool, wire):
    first = tool.acquire_token_by_username_password("cloud@alpine.test", PASSWORD, DEFAULT)
    [account] = tool.get_accounts()

    fresh = tool.acquire_token_silent(DEFAULT, account=account, force_refresh=True)

    assert fresh["token_source"] == "identity_provider"
    assert fresh["access_token"] != first["access_token"]
    assert claims(fresh["access_token"])["oid"] == claims(first["access_token"])["oid"]
    assert wire.token_answers == [200, 200]
    assert tool.get_accounts() == [account]


def test_a_silent_call_for_what_nobody_consented_to_is_classified(tool, wire):
    tool.acquire_token_by_username_password("cloud@alpine.test", PASSWORD, DEFAULT)
    [account] = tool.get_accounts()

    result = tool.acquire_token_silent_with_error(WRITE, account=account)

    assert result["error"] == "invalid_grant"
    assert result["error_codes"] == [65001]
    assert result["suberror"] == "consent_required"
    assert result["classification"] == "consent_required"
    assert wire.token_answers[0] == 200 and set(wire.token_answers[1:]) == {400}


def test_a_job_gets_a_token_of_its_own_and_then_the_cached_one(authority, wire):
    job = confidential(NIGHTLY_JOB, NIGHTLY_JOB_SECRET, authority, wire)

    first = job.acquire_token_for_client(DEFAULT)
    second = job.acquire_token_for_client(DEFAULT)

    assert "error" not in first, first
    access = claims(first["access_token"])
    assert access["roles"] == ["Employees.Read.All"]
    assert access["azp"] == NIGHTLY_JOB
    assert "scp" not in access
    assert {"id_token", "refresh_token", "scope"}.isdisjoint(first)
    assert (first["token_source"], second["token_source"]) == ("identity_provider", "cache")
    assert second["access_token"] == first["access_token"]
    assert wire.token_answers == [200]


def test_a_wrong_secret_is_refused_as_a_bad_client(authority, wire):
    result = confidential(NIGHTLY_JOB, "guessed", authority, wire).acquire_token_for_client(DEFAULT)

    assert result["error"] == "invalid_client"
    assert result["error_codes"] == [7000215]
    assert wire.token_answers == [401]


@pytest.fixture
def with_certificate(authority, wire):
    """Makes a confidential client of a certificate, told as MSAL Python takes it: the three ways sign differently."""

    def make(client_id, certificate, told, tmp_path):
        pfx = tmp_path / "certificate.pfx"
        pfx.write_bytes(certificate.pfx)
        credential = {
            "thumbprint": {"private_key": certificate.key_pem, "thumbprint": certificate.sha1},
            "certificate": {"private_key": certificate.key_pem, "public_certificate": certificate.certificate_pem},
            "pfx": {"private_key_pfx_path": str(pfx)},
        }
        return confidential(client_id, credential[told], authority, wire)

    return make


@pytest.mark.parametrize("told, algorithm", [("thumbprint", "RS256"), ("certificate", "PS256"), ("pfx", "PS256")])
class TestCertificate:
    def test_a_job_gets_a_token_of_its_own(self, told, algorithm, with_certificate, certificate, wire, tmp_path):
        result = with_certificate(NIGHTLY_JOB, certificate, told, tmp_path).acquire_token_for_client(DEFAULT)

        assert "error" not in result, result
        assert claims(result["access_token"])["roles"] == ["Employees.Read.All"]
        assert claims(result["access_token"])["azpacr"] == "2"
        assert wire.token_answers == [200]
        assert wire.assertion_algorithms == [algorithm]

    def test_one_that_is_not_registered_is_refused(self, told, algorithm, with_certificate, stranger, wire, tmp_path):
        result = with_certificate(NIGHTLY_JOB, stranger, told, tmp_path).acquire_token_for_client(DEFAULT)

        assert result["error"] == "invalid_client"
        assert result["error_codes"] == [700027]
        assert wire.token_answers == [401]
        assert wire.assertion_algorithms == [algorithm]


def test_one_user_refused_and_another_right_with_a_certificate_is_one_request_each(
    with_certificate, certificate, wire, realm, tmp_path
):
    portal = with_certificate(LEGACY_PORTAL, certificate, "certificate", tmp_path)

    refused = portal.acquire_token_by_username_password("mfa@alpine.test", PASSWORD, DEFAULT)
    right = portal.acquire_token_by_username_password("cloud@alpine.test", PASSWORD, DEFAULT)

    assert refused["error_codes"] == [50076]
    assert claims(right["access_token"])["azpacr"] == "2"
    assert wire.token_answers == [400, 200]


def claims(token):
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
