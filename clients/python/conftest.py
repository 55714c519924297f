import os

import pytest
import requests
from alpine import TENANT

from ropeway import Launcher

NOT_POSSIBLE = "MSAL Python asks for the user realm on port 443, which this account may not open"
INCOMPLETE = 77


@pytest.fixture(scope="session")
def ropeway():
    """One server for the whole run, trusted by every client that reads REQUESTS_CA_BUNDLE."""
    with Launcher() as server:
        os.environ["REQUESTS_CA_BUNDLE"] = server.ca_bundle_file
        yield server


@pytest.fixture(scope="session")
def authority(ropeway):
    return f"{ropeway.origin}/{TENANT}"


@pytest.fixture
def realm(ropeway):
    """What a password test of MSAL Python needs."""
    if not ropeway.on_443:
        pytest.skip(NOT_POSSIBLE)


@pytest.fixture
def wire():
    """An HTTP session that only takes note of what went through it."""
    with Wire() as session:
        yield session


class Wire(requests.Session):
    def __init__(self):
        super().__init__()
        self.token_answers = []
        self.hooks["response"].append(self.note)

    def note(self, response, *_, **__):
        if response.request.method == "POST" and response.request.path_url.partition("?")[0].endswith("/token"):
            self.token_answers.append(response.status_code)


def pytest_sessionfinish(session, exitstatus):
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if exitstatus == pytest.ExitCode.OK and reporter.stats.get("skipped"):
        session.exitstatus = INCOMPLETE
