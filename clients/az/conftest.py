import json
import os
import shutil
import subprocess
import sys

import pytest

pytest_plugins = ["suite"]


class Refused(Exception):
    """az ended with an error; the message is what it said to the person."""


class Az:
    """The Azure CLI, with settings and caches of its own."""

    def __init__(self, config):
        self.config = config

    def __call__(self, *arguments):
        """What the command prints, as an object."""
        own = {
            "AZURE_CONFIG_DIR": str(self.config),
            # It would ask login.microsoftonline.com whether the authority exists.
            "AZURE_CORE_INSTANCE_DISCOVERY": "false",
            # It would repeat a refusal for a minute without asking again.
            "AZURE_CORE_USE_MSAL_HTTP_CACHE": "false",
            "AZURE_CORE_COLLECT_TELEMETRY": "false",
        }
        command = [sys.executable, "-m", "azure.cli", *arguments, "--output", "json"]
        done = subprocess.run(
            command, env=os.environ | own, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise Refused(done.stderr)
        return json.loads(done.stdout or "null")


@pytest.fixture(scope="session")
def registered(ropeway, tmp_path_factory):
    """A configuration that knows Ropeway as a cloud; nobody is signed in. Azure Resource Manager tells the rest."""
    config = tmp_path_factory.mktemp("registered")
    az = Az(config)
    az("cloud", "register", "--name", "Ropeway", "--endpoint-resource-manager", ropeway.origin)
    az("cloud", "set", "--name", "Ropeway")
    return config


@pytest.fixture
def az(registered, tmp_path):
    return Az(shutil.copytree(registered, tmp_path / "azure"))
