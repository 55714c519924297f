import pytest

pytest_plugins = ["pytester"]

INCOMPLETE = 77


def pytest_sessionfinish(session, exitstatus):
    """A run that is not whole, because some of it is not possible here, ends with a code of its own."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if exitstatus == pytest.ExitCode.OK and reporter.stats.get("skipped"):
        session.exitstatus = INCOMPLETE
