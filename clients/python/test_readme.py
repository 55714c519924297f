"""What the README prints for Python, run as it is printed: only the sample API's port is one that is free here."""

import os
import re
import socket
import subprocess
from pathlib import Path

import pytest
from alpine import TENANT

from ropeway import REPOSITORY

PRINTED_PORT = "localhost:5001"


@pytest.fixture
def employee_api(ropeway):
    """The sample API that `ropeway demo` runs."""
    binary = Path(os.environ.get("ROPEWAY_BIN") or REPOSITORY / "target/debug/ropeway").with_name("employee-api")
    with socket.create_server(("localhost", 0)) as free:
        address = f"localhost:{free.getsockname()[1]}"
    own = {"AZURE_AUTHORITY_HOST": ropeway.origin, "ENTRA_CA_FILE": ropeway.ca_file, "EMPLOYEE_API_LISTEN": address}
    with subprocess.Popen([binary], env=os.environ | own, stderr=subprocess.PIPE, text=True) as api:
        try:
            assert "listening" in api.stderr.readline()
            yield address
        finally:
            api.terminate()


def test_the_readme_is_right(ropeway, realm, employee_api, monkeypatch):
    readme = (REPOSITORY / "README.md").read_text()
    [printed] = re.findall(r"token: Python\n\n```python\n(.*?)```", readme, re.DOTALL)
    assert PRINTED_PORT in printed
    monkeypatch.setenv("AZURE_AUTHORITY_HOST", ropeway.origin)
    monkeypatch.setenv("AZURE_TENANT_ID", TENANT)
    names = {}

    exec(compile(printed.replace(PRINTED_PORT, employee_api), "README.md", "exec"), names)

    names["test_employees_need_a_token"]()
