"""The binary's life: found, started once, ended whatever happens."""

import itertools
import os
import re
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

README = Path(__file__).parents[3] / "README.md"


def test_the_readme_is_right(pytester):
    [snippet] = re.findall(r"### pytest\n.*?```python\n(.*?)```", README.read_text(), re.DOTALL)
    pytester.makepyfile(snippet)

    pytester.runpytest_subprocess().assert_outcomes(passed=2)


def test_every_test_has_a_tenant_of_its_own_which_is_dropped(pytester):
    pytester.makepyfile(
        """
        import pytest
        seen = []

        @pytest.mark.parametrize("number", range(3))
        def test_tenant(number, entra_tenant, ropeway):
            seen.append(entra_tenant.id)
            copies = {tenant["id"] for tenant in ropeway.control("GET", "tenants")["value"]} & set(seen)
            assert copies == {entra_tenant.id}
        """
    )

    pytester.runpytest_subprocess().assert_outcomes(passed=3)


def test_nothing_starts_for_tests_that_do_not_ask(pytester, monkeypatch):
    monkeypatch.setenv("ROPEWAY_BIN", "/nowhere/ropeway")
    pytester.makepyfile("def test_plain(): pass", test_other="def test_asks(entra_tenant): pass")

    result = pytester.runpytest_subprocess()

    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*NotStarted: ROPEWAY_BIN names /nowhere/ropeway, which is no program; `cargo install*"])


def test_what_the_binary_says_is_shown_when_it_does_not_start(pytester):
    pytester.makeini("[pytest]\nropeway_tenant_file = tenant.yaml")
    pytester.makefile(".yaml", tenant="tenants: [{ displayNam: Mine }]")
    pytester.makepyfile("def test_asks(entra_tenant): pass")

    result = pytester.runpytest_subprocess()

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*NotStarted: ropeway did not get ready; it said:*", "*displayNam*"])


def test_a_tenant_file_of_ones_own_is_served(pytester):
    pytester.makeini("[pytest]\nropeway_tenant_file = tenant.yaml")
    pytester.makefile(
        ".yaml", tenant="tenants: [{ displayName: Mine, verifiedDomains: [{ name: mine.test, isDefault: true }] }]"
    )
    pytester.makepyfile("def test_asks(entra_tenant): assert entra_tenant.domain.endswith('.mine.test')")

    pytester.runpytest_subprocess().assert_outcomes(passed=1)


def test_without_port_443_it_says_who_cannot_sign_in(pytester, monkeypatch):
    monkeypatch.setenv("ROPEWAY_LISTEN", "127.0.0.1:0")
    pytester.makepyfile(
        """
        def test_needs_it(port_443): pass
        def test_does_not(entra_tenant): assert entra_tenant.token("cloud")
        """
    )

    result = pytester.runpytest_subprocess()

    result.assert_outcomes(passed=1, skipped=1)
    result.stdout.fnmatch_lines(["ropeway listens at https://localhost:*", "MSAL Python*cannot use the password grant*"])


def test_workers_of_xdist_share_one_server(pytester):
    pytester.makepyfile(
        """
        import os, pathlib, pytest

        @pytest.mark.parametrize("number", range(8))
        def test_tenant(number, entra_tenant):
            assert entra_tenant.token("cloud")
            pathlib.Path(f"{os.getpid()}-{number}").write_text(entra_tenant.origin)
        """
    )

    pytester.runpytest_subprocess("-n2", "--dist=each").assert_outcomes(passed=16)

    workers = list(pytester.path.glob("[0-9]*-[0-9]"))
    assert len({path.name.partition("-")[0] for path in workers}) == 2
    assert len({path.read_text() for path in workers}) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="pidfd_open is Linux's")
@pytest.mark.parametrize(
    "end, code",
    [
        ("pass", pytest.ExitCode.OK),
        ("os.killpg(0, signal.SIGINT)", pytest.ExitCode.INTERRUPTED),  # what ctrl-c is
        ("os.kill(os.getpid(), signal.SIGKILL)", -signal.SIGKILL),
    ],
)
def test_the_server_ends_with_the_session_however_that_ends(end, code, pytester):
    pytester.makepyfile(
        f"""
        import os, signal
        from pytest_ropeway.plugin import PROCESS

        # A run in the background may have been started with the signal ignored.
        signal.signal(signal.SIGINT, signal.default_int_handler)

        def test_tenant(entra_tenant, request):
            print("\\nserver", request.config.stash[PROCESS]._process.pid, flush=True)
            assert input() == "go on"
            {end}
        """
    )
    command = [sys.executable, "-m", "pytest", "-s"]
    session = pytester.popen(command, stdin=subprocess.PIPE, start_new_session=True)
    [told] = itertools.islice((line for line in session.stdout if line.startswith(b"server ")), 1)
    server = os.pidfd_open(int(told.split()[1]))

    session.stdin.write(b"go on\n")
    said, _ = session.communicate()

    assert session.returncode == code
    assert b"does not answer" not in said, "tenants are dropped before the server ends"
    assert select.select([server], [], [], 60)[0], "the server is still there"
    os.close(server)
