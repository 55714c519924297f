"""The Azure CLI as a person types it: against Ropeway's Azure Resource Manager, and past it."""

import base64
import json

import pytest
from alpine import LEGACY_TOOL, NIGHTLY_JOB, NIGHTLY_JOB_SECRET, PASSWORD, TENANT
from conftest import Refused

API = "api://employees.alpine.test"
AZURE_CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"


def log_in(az, name, secret, *more):
    [account] = az("login", *more, "--username", name, "--password", secret, "--tenant", TENANT)
    return account


def test_the_cloud_registers_itself_from_what_azure_resource_manager_tells(az, ropeway):
    cloud = az("cloud", "show")

    assert cloud["name"] == "Ropeway"
    told = {name: url for name, url in cloud["endpoints"].items() if url}
    assert told == {
        "activeDirectory": ropeway.origin,
        "activeDirectoryGraphResourceId": "https://graph.windows.net/",
        "activeDirectoryResourceId": "https://management.core.windows.net/",
        "management": "https://management.core.windows.net/",
        "microsoftGraphResourceId": f"{ropeway.origin}/",
        "resourceManager": ropeway.origin,
    }


def test_a_user_who_logs_in_has_the_subscription(az, realm):
    account = log_in(az, "cloud@alpine.test", PASSWORD)

    assert (account["name"], account["state"], account["isDefault"]) == ("Ropeway test", "Enabled", True)
    assert (account["tenantId"], account["homeTenantId"]) == (TENANT, TENANT)
    assert az("account", "show")["id"] == account["id"]
    assert az("group", "list") == []


def test_a_guest_who_names_no_tenant_has_the_subscriptions_of_both(az, realm):
    accounts = az("login", "--username", "guest@fjord.test", "--password", PASSWORD)

    assert {account["tenantDefaultDomain"] for account in accounts} == {"fjord.test", "alpine.test"}
    assert {account["name"] for account in accounts} == {"Ropeway test"}


def test_a_write_is_refused_for_want_of_a_second_factor(az, realm):
    log_in(az, "cloud@alpine.test", PASSWORD)

    # Azure Resource Manager challenges, az redeems its refresh token with the challenge, and the platform asks for the page.
    with pytest.raises(Refused, match="(?s)az login .*--claims-challenge .*AADSTS50079"):
        az("group", "create", "--name", "mine", "--location", "westeurope")


def test_azure_resource_manager_need_not_be_asked(az, realm):
    [account] = az(
        *("login", "--username", "cloud@alpine.test", "--password", PASSWORD, "--tenant", TENANT),
        *("--allow-no-subscriptions", "--skip-subscription-discovery"),
    )

    assert (account["id"], account["name"]) == (TENANT, "N/A(tenant level account)")


def access_token(az, *more):
    return az("account", "get-access-token", *more)["accessToken"]


@pytest.mark.parametrize("user", ["cloud@alpine.test", "noconsent@alpine.test"])
def test_a_user_gets_a_token_for_an_api_that_trusts_az(user, az, realm):
    account = log_in(az, user, PASSWORD)
    token = access_token(az, "--resource", API)

    assert account["user"] == {"name": user, "type": "user"}
    assert account["tenantId"] == TENANT
    assert claims(token)["preferred_username"] == user
    assert claims(token)["azp"] == AZURE_CLI
    assert claims(token)["scp"] == "Employees.Read Employees.ReadWrite.All"
    assert access_token(az, "--scope", f"{API}/.default") == token


def test_a_user_gets_a_token_for_azure(az, realm):
    log_in(az, "cloud@alpine.test", PASSWORD)

    azure = claims(access_token(az))

    assert azure["aud"].rstrip("/") == "https://management.core.windows.net"
    assert azure["scp"] == "user_impersonation"
    assert azure["appid"] == AZURE_CLI


@pytest.mark.parametrize(
    "user, password, code", [("cloud@alpine.test", "Summit-2041", 50126), ("mfa@alpine.test", PASSWORD, 50076)]
)
def test_a_refused_user_is_told_why_and_is_not_logged_in(user, password, code, az, realm):
    with pytest.raises(Refused, match=f"ERROR: AADSTS{code}: "):
        log_in(az, user, password)

    assert az("account", "list") == []


def test_one_user_refused_and_another_right_in_one_configuration(az, realm):
    with pytest.raises(Refused, match="AADSTS50076: "):
        log_in(az, "mfa@alpine.test", PASSWORD)
    log_in(az, "cloud@alpine.test", PASSWORD)

    assert claims(access_token(az, "--resource", API))["preferred_username"] == "cloud@alpine.test"


def test_a_refusal_is_not_remembered(az, realm):
    with pytest.raises(Refused, match="AADSTS50126: "):
        log_in(az, "cloud@alpine.test", "Summit-2041")

    assert log_in(az, "cloud@alpine.test", PASSWORD)["user"]["name"] == "cloud@alpine.test"


def test_a_service_principal_gets_a_token_of_its_own(az):
    account = log_in(az, NIGHTLY_JOB, NIGHTLY_JOB_SECRET, "--service-principal")
    token = access_token(az, "--resource", API)

    assert account["user"] == {"name": NIGHTLY_JOB, "type": "servicePrincipal"}
    assert claims(token)["roles"] == ["Employees.Read.All"]
    assert "scp" not in claims(token)
    assert access_token(az, "--resource", API) == token


def log_in_with(az, certificate, tmp_path):
    file = tmp_path / "certificate.pem"
    file.write_text(certificate.pem)
    login = ("login", "--service-principal", "--username", NIGHTLY_JOB, "--tenant", TENANT)
    [account] = az(*login, "--certificate", str(file))
    return account


def test_a_service_principal_logs_in_with_a_certificate(az, certificate, tmp_path):
    account = log_in_with(az, certificate, tmp_path)

    assert account["user"] == {"name": NIGHTLY_JOB, "type": "servicePrincipal"}
    assert account["name"] == "Ropeway test"
    token = claims(access_token(az, "--resource", API))
    assert (token["roles"], token["azpacr"]) == (["Employees.Read.All"], "2")


def test_a_service_principal_with_an_unregistered_certificate_is_told_why(az, stranger, tmp_path):
    with pytest.raises(Refused, match="AADSTS700027: "):
        log_in_with(az, stranger, tmp_path)

    assert az("account", "list") == []


def test_a_service_principals_write_is_not_authorized(az):
    log_in(az, NIGHTLY_JOB, NIGHTLY_JOB_SECRET, "--service-principal")

    with pytest.raises(Refused, match="AuthorizationFailed.*Microsoft.Resources/subscriptions/resourcegroups/write"):
        az("group", "create", "--name", "mine", "--location", "westeurope")


@pytest.mark.parametrize(
    "app, secret, code", [(NIGHTLY_JOB, "guessed", 7000215), (LEGACY_TOOL, NIGHTLY_JOB_SECRET, 700025)]
)
def test_a_refused_service_principal_is_told_why_and_is_not_logged_in(app, secret, code, az):
    with pytest.raises(Refused, match=f"AADSTS{code}: "):
        log_in(az, app, secret, "--service-principal")

    assert az("account", "list") == []


def claims(token):
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
