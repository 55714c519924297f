"""MSAL Python's device code flow: the person signs in elsewhere."""

import re

import msal
import pytest
import requests
from alpine import LEGACY_TOOL, PASSWORD, READ
from test_page import HIDDEN


@pytest.fixture
def tool(authority, wire):
    return msal.PublicClientApplication(
        LEGACY_TOOL, authority=authority, instance_discovery=False, http_client=wire
    )


def person(flow, username, trusting, answer):
    """Types the code, signs in, and answers whether the device is theirs; the last page."""
    browser = requests.Session()
    browser.verify = trusting
    page = browser.get(flow["verification_uri"], timeout=10)
    for typed in ({"otc": flow["user_code"]}, {"loginfmt": username}, {"passwd": PASSWORD}, {"action": answer}):
        action = re.search(r'<form method="post" action="([^"]*)"', page.text).group(1)
        url = requests.compat.urljoin(page.url, action)
        page = browser.post(url, data=dict(HIDDEN.findall(page.text)) | typed, timeout=10)
    return page.text


def once(flow):
    """MSAL polls until the code ends; this one poll is enough where the person has answered."""
    return flow | {"expires_at": 0}


def test_the_device_gets_tokens_once_its_person_has_confirmed(tool, ropeway):
    flow = tool.initiate_device_flow(READ)
    assert flow["user_code"] in flow["message"], flow
    waiting = tool.acquire_token_by_device_flow(once(flow))
    assert (waiting["error"], waiting["error_codes"]) == ("authorization_pending", [70016]), waiting

    done = person(flow, "cloud@alpine.test", ropeway.ca_file, "continue")

    assert 'data-testid="page-device-approved"' in done, done
    result = tool.acquire_token_by_device_flow(once(flow))
    assert result["id_token_claims"]["preferred_username"] == "cloud@alpine.test", result
    [account] = tool.get_accounts()
    again = tool.acquire_token_silent(READ, account, force_refresh=True)
    assert "access_token" in again, again


def test_a_person_who_says_no_is_told_to_the_device(tool, ropeway):
    flow = tool.initiate_device_flow(READ)

    done = person(flow, "cloud@alpine.test", ropeway.ca_file, "cancel")

    assert 'data-testid="page-device-declined"' in done, done
    assert tool.acquire_token_by_device_flow(once(flow))["error"] == "authorization_declined"
