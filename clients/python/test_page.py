"""MSAL Python's authorization code flow, after a person signed in on the platform's page."""

import re

import msal
import pytest
import requests
from alpine import PASSWORD, READ

MODERN_PORTAL = "e0a91000-0000-4000-8000-00000000000d"
SECRET = "modern-portal-secret"
REDIRECT = "http://localhost:5003/signin-oidc"
HIDDEN = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)">')


@pytest.fixture
def portal(authority, wire):
    return msal.ConfidentialClientApplication(
        MODERN_PORTAL, client_credential=SECRET, authority=authority, instance_discovery=False, http_client=wire
    )


def sign_in(address, username, password, trusting):
    """A person at the page, with a browser that runs no script; returns the form that is posted to the application."""
    browser = requests.Session()
    browser.verify = trusting
    page = browser.get(address, timeout=10)
    for typed in ({"loginfmt": username}, {"passwd": password}, {"action": "no"}):
        if 'data-testid="page-form-post"' in page.text:
            break
        action = re.search(r'<form method="post" action="([^"]*)"', page.text).group(1)
        url = requests.compat.urljoin(page.url, action)
        page = browser.post(url, data=dict(HIDDEN.findall(page.text)) | typed, timeout=10)
    assert 'data-testid="page-form-post"' in page.text, page.text
    assert f'action="{REDIRECT}"' in page.text
    return dict(HIDDEN.findall(page.text))


def test_a_code_brings_tokens_and_the_cache_answers_afterwards(portal, ropeway):
    flow = portal.initiate_auth_code_flow(READ, redirect_uri=REDIRECT, response_mode="form_post")

    answer = sign_in(flow["auth_uri"], "cloud@alpine.test", PASSWORD, ropeway.ca_file)

    result = portal.acquire_token_by_auth_code_flow(flow, answer)
    assert "error" not in result, result
    assert result["id_token_claims"]["preferred_username"] == "cloud@alpine.test"
    [account] = portal.get_accounts()
    assert portal.acquire_token_silent(READ, account)["access_token"] == result["access_token"]
    again = portal.acquire_token_by_auth_code_flow(flow, answer)
    assert again["error_codes"] == [54005], again


def test_an_answer_to_another_request_is_not_taken(portal, ropeway):
    flow = portal.initiate_auth_code_flow(READ, redirect_uri=REDIRECT, response_mode="form_post")
    answer = sign_in(flow["auth_uri"], "cloud@alpine.test", PASSWORD, ropeway.ca_file)
    other = portal.initiate_auth_code_flow(READ, redirect_uri=REDIRECT, response_mode="form_post")

    with pytest.raises(ValueError):
        portal.acquire_token_by_auth_code_flow(other, answer)

    swapped = portal.acquire_token_by_auth_code_flow(other, answer | {"state": other["state"]})
    assert swapped["error_codes"] == [501481], swapped
