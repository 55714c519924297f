"""What a test gets."""

import json
import ssl
import urllib.error
import urllib.request
from base64 import urlsafe_b64decode
from datetime import timedelta

import certifi
import pytest
import requests
from pytest_ropeway import Refused


def claims(token):
    payload = token.split(".")[1]
    return json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


@pytest.mark.parametrize("user", ["cloud", "CLOUD", "guest", "cloudpw", "guest@fjord.test"])
def test_a_user_is_named_as_in_the_sample(user, entra_tenant):
    token = entra_tenant.token(user)

    assert claims(token)["tid"] == entra_tenant.id
    assert claims(token)["scp"] == "Employees.Read"
    assert claims(token)["iss"] == f"{entra_tenant.authority}/v2.0"


def test_a_user_whom_nobody_knows_is_told_with_those_who_are_known(entra_tenant):
    with pytest.raises(Exception, match="no user clod; it has cloud, hashsync, "):
        entra_tenant.token("clod")


def test_an_application_gets_a_token_of_its_own(entra_tenant):
    assert claims(entra_tenant.app_token())["roles"] == ["Employees.Read.All"]

    with pytest.raises(Refused) as refused:
        entra_tenant.app_token(client_secret="wrong")
    assert (refused.value.code, refused.value.error) == (7000215, "invalid_client")


def test_a_confidential_client_signs_in_with_its_secret(entra_tenant):
    portal = "e0a91000-0000-4000-8000-00000000000b"

    token = entra_tenant.token("cloud", client_id=portal, client_secret="legacy-portal-secret")

    assert claims(token)["azp"] == portal


def test_a_refusal_says_code_cause_and_remedy(entra_tenant):
    with pytest.raises(Refused) as refused:
        entra_tenant.token("mfa")

    assert refused.value.code == 50076
    assert refused.value.error == "invalid_grant"
    assert refused.value.body["suberror"] == "basic_action"
    name, text, cause, remedy = str(refused.value).replace(": ", "\n", 1).split("\n")
    assert name == f"mfa@{entra_tenant.domain} got no token"
    assert text.startswith("AADSTS50076: Due to a configuration change made by your administrator")
    assert cause.startswith("  cause: The password is right and a second factor is required: ")
    assert remedy.startswith("  remedy: Sign in interactively ") and remedy.endswith(".")


def test_what_a_test_changes_no_other_tenant_sees(ropeway, entra_tenant):
    other = ropeway.copy()

    entra_tenant.change_user("cloud", accountEnabled=False)

    with pytest.raises(Refused, match="AADSTS50057"):
        entra_tenant.token("cloud")
    assert other.token("cloud")
    other.drop()


def test_time_passes_in_one_tenant(ropeway, entra_tenant):
    other = ropeway.copy()
    for tenant in (entra_tenant, other):
        tenant.change_user("cloud", passwordPolicies="None")

    entra_tenant.advance(timedelta(days=91))

    with pytest.raises(Refused, match="AADSTS50055"):
        entra_tenant.token("cloud")
    assert other.token("cloud")
    other.advance(91 * 24 * 60 * 60)
    with pytest.raises(Refused, match="AADSTS50055"):
        other.token("cloud")
    other.drop()


def test_a_tenant_that_was_dropped_is_gone(ropeway):
    tenant = ropeway.copy("fjord.test")

    def listed():
        return {known["id"] for known in ropeway.control("GET", "tenants")["value"]}

    assert tenant.id in listed()
    tenant.drop()
    assert tenant.id not in listed()


def test_the_control_api_says_what_was_wrong(entra_tenant):
    assert entra_tenant.control("GET", "signIns")["value"] == []

    with pytest.raises(Exception, match="PATCH .* was answered 400: .*acountEnabled"):
        entra_tenant.change_user("cloud", acountEnabled=False)


def test_clients_trust_the_server_and_only_because_they_are_told_to(entra_tenant):
    metadata = f"{entra_tenant.authority}/v2.0/.well-known/openid-configuration"

    assert requests.get(metadata).json()["issuer"] == f"{entra_tenant.authority}/v2.0"
    with urllib.request.urlopen(metadata) as answer:
        assert answer.status == 200

    with pytest.raises(urllib.error.URLError, match="CERTIFICATE_VERIFY_FAILED"):
        urllib.request.urlopen(metadata, context=ssl.create_default_context(cafile=certifi.where()))


def test_the_default_credential_finds_its_variables(entra_tenant, monkeypatch):
    identity = pytest.importorskip("azure.identity")
    for name, value in entra_tenant.environment.items():
        monkeypatch.setenv(name, value)

    with identity.EnvironmentCredential(disable_instance_discovery=True) as credential:
        token = credential.get_token("api://employees.alpine.test/.default").token

    assert claims(token)["tid"] == entra_tenant.id
