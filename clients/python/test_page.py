"""MSAL Python's authorization code flow and interactive sign-in, after a person signed in on the platform's page."""

import re
import threading
import webbrowser

import msal
import pytest
import requests
from alpine import LEGACY_TOOL, PASSWORD, READ, TENANT

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
    """A person at the page, with a browser that runs no script: where the answer is posted to, and what it is."""
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
    action = re.search(r'<form method="post" action="([^"]*)"', page.text).group(1)
    return action, dict(HIDDEN.findall(page.text))


def test_a_code_brings_tokens_and_the_cache_answers_afterwards(portal, ropeway):
    flow = portal.initiate_auth_code_flow(READ, redirect_uri=REDIRECT, response_mode="form_post")

    action, answer = sign_in(flow["auth_uri"], "cloud@alpine.test", PASSWORD, ropeway.ca_file)

    assert action == REDIRECT
    result = portal.acquire_token_by_auth_code_flow(flow, answer)
    assert "error" not in result, result
    assert result["id_token_claims"]["preferred_username"] == "cloud@alpine.test"
    [account] = portal.get_accounts()
    assert portal.acquire_token_silent(READ, account)["access_token"] == result["access_token"]
    again = portal.acquire_token_by_auth_code_flow(flow, answer)
    assert again["error_codes"] == [54005], again


def test_an_answer_to_another_request_is_not_taken(portal, ropeway):
    flow = portal.initiate_auth_code_flow(READ, redirect_uri=REDIRECT, response_mode="form_post")
    _, answer = sign_in(flow["auth_uri"], "cloud@alpine.test", PASSWORD, ropeway.ca_file)
    other = portal.initiate_auth_code_flow(READ, redirect_uri=REDIRECT, response_mode="form_post")

    with pytest.raises(ValueError):
        portal.acquire_token_by_auth_code_flow(other, answer)

    swapped = portal.acquire_token_by_auth_code_flow(other, answer | {"state": other["state"]})
    assert swapped["error_codes"] == [501481], swapped


def test_a_tool_opens_the_persons_browser_and_listens_for_the_answer(authority, ropeway, wire, monkeypatch):
    ropeway.change_application(TENANT, LEGACY_TOOL, publicClient={"redirectUris": ["http://localhost"]})
    tool = msal.PublicClientApplication(LEGACY_TOOL, authority=authority, instance_discovery=False, http_client=wire)
    browsers = []

    def person(address):
        action, answer = sign_in(address, "cloud@alpine.test", PASSWORD, ropeway.ca_file)
        assert action.startswith("http://localhost:")
        requests.post(action, data=answer, timeout=10).raise_for_status()

    def open_browser(address, *_, **__):
        browsers.append(threading.Thread(target=person, args=[address]))
        browsers[-1].start()  # the library listens in this thread
        return True

    monkeypatch.setattr(webbrowser, "open", open_browser)
    result = tool.acquire_token_interactive(READ, timeout=60)
    for browser in browsers:
        browser.join()

    assert "error" not in result, result
    assert result["id_token_claims"]["preferred_username"] == "cloud@alpine.test"
    [account] = tool.get_accounts()
    assert tool.acquire_token_silent(READ, account)["access_token"] == result["access_token"]
    assert len(browsers) == 1
