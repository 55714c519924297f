"""What every suite driven by pytest has: one server for the whole run, and the exit code of a run that is not whole."""

import os

import pytest
from alpine import LEGACY_PORTAL, NIGHTLY_JOB, TENANT
from certificate import Certificate

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


@pytest.fixture(scope="session")
def certificate(ropeway):
    """A certificate that both confidential clients are registered with, beside their secrets."""
    certificate = Certificate()
    for client in (LEGACY_PORTAL, NIGHTLY_JOB):
        ropeway.change_application(TENANT, client, keyCredentials=[certificate.credential])
    return certificate


@pytest.fixture(scope="session")
def stranger():
    """A certificate that nobody is registered with."""
    return Certificate()


@pytest.fixture
def realm(ropeway):
    """What a password test of MSAL Python needs."""
    if not ropeway.on_443:
        pytest.skip(NOT_POSSIBLE)


def pytest_sessionfinish(session, exitstatus):
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if exitstatus == pytest.ExitCode.OK and reporter.stats.get("skipped"):
        session.exitstatus = INCOMPLETE
