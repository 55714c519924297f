"""The fixtures. Nothing starts before a test asks for one."""

import os
from dataclasses import asdict
from pathlib import Path

import pytest

from .server import NotStarted, Process, Server

PROCESS = pytest.StashKey[Process]()


def pytest_addoption(parser):
    parser.addini("ropeway_tenant_file", "the tenant file to serve instead of the built-in sample")


@pytest.fixture(scope="session")
def ropeway(request):
    """The server of the whole session, trusted by what reads REQUESTS_CA_BUNDLE or SSL_CERT_FILE."""
    server = of_controller(request.config) or started(request.config)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in server.trust.items():
            patch.setenv(name, value)
        yield server


@pytest.fixture
def entra_tenant(ropeway):
    """A tenant that no other test sees."""
    tenant = ropeway.copy()
    yield tenant
    tenant.drop()


@pytest.fixture
def port_443(ropeway):
    """Skips the test where the server could not have port 443."""
    if not ropeway.on_443:
        pytest.skip("needs port 443, which is not to be had here; the section `ropeway` says what helps")


def started(config):
    if PROCESS not in config.stash:
        named = os.environ.get("ROPEWAY_TENANT_FILE") or config.getini("ropeway_tenant_file")
        base = config.inipath.parent if config.inipath else config.rootpath
        config.stash[PROCESS] = Process(Path(base, named) if named else None)
    return config.stash[PROCESS].server


def of_controller(config):
    """The server that the controller of pytest-xdist has started for its workers."""
    told = getattr(config, "workerinput", {}).get("ropeway")
    if isinstance(told, str):
        raise NotStarted(told)
    return Server(**told) if told else None


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node):
    try:
        node.workerinput["ropeway"] = asdict(started(node.config))
    except NotStarted as error:
        # Perhaps no test asks for it.
        node.workerinput["ropeway"] = str(error)


def pytest_terminal_summary(terminalreporter, config):
    if PROCESS in config.stash and (note := config.stash[PROCESS].server.note):
        terminalreporter.section("ropeway")
        terminalreporter.write_line(note)


def pytest_unconfigure(config):
    if PROCESS in config.stash:
        config.stash[PROCESS].stop()
        del config.stash[PROCESS]
