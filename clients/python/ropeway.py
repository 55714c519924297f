"""Starts the ropeway binary as a user would, and stops it."""

import json
import os
import random
import socket
import subprocess
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

import requests

REPOSITORY = Path(__file__).resolve().parents[2]
LONGEST_START = 60.0  # seconds; a debug build on a busy machine


@dataclass(frozen=True)
class Ropeway:
    """A running server."""

    origin: str
    ca_file: str
    ca_bundle_file: str
    control_key: str

    @property
    def on_443(self):
        """Whether a client that drops the port from the authority still finds it."""
        return not self.origin.removeprefix("https://").partition(":")[2]

    def change_application(self, tenant, app_id, **properties):
        """Changes an application's registration by the control API, in Microsoft Graph's words."""
        url = f"{self.origin}/_ropeway/api/v1/tenants/{tenant}/applications/{app_id}"
        authorization = {"Authorization": f"Bearer {self.control_key}"}
        answer = requests.patch(url, headers=authorization, json=properties, verify=self.ca_file, timeout=10)
        assert answer.ok, answer.text


class Launcher:
    """Context manager around one `ropeway serve` with the sample tenant, in a home of its own."""

    def __enter__(self):
        self._home = tempfile.TemporaryDirectory(prefix="ropeway-python-")
        try:
            return self._start(Path(self._home.name))
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_):
        if process := getattr(self, "_process", None):
            process.terminate()
            process.wait(timeout=LONGEST_START)
            process.stdout.close()
        self._home.cleanup()

    def _start(self, home):
        ready_file = home / "ready.json"
        binary = Path(os.environ.get("ROPEWAY_BIN") or REPOSITORY / "target/debug/ropeway")
        if not binary.exists():
            raise RuntimeError(f"{binary} is not there; `cargo build -p ropeway` makes it")
        arguments = [binary, "serve", "--ready-file", ready_file, *listen()]
        own = {"ROPEWAY_HOME": str(home / "data"), "XDG_RUNTIME_DIR": str(home / "run")}
        for folder in own.values():
            Path(folder).mkdir(mode=0o700)
        with open(home / "log", "wb") as log:
            self._process = subprocess.Popen(
                arguments, env=os.environ | own, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, text=True
            )
        # The ready line is the only one on standard output, so reading it is waiting without polling.
        too_late = threading.Timer(LONGEST_START, self._process.kill)
        too_late.start()
        line = self._process.stdout.readline()
        too_late.cancel()
        if not line.startswith("ready "):
            raise RuntimeError(f"ropeway did not get ready; it said:\n{(home / 'log').read_text()}")
        ready = json.loads(ready_file.read_text())
        return Ropeway(ready["origin"], ready["caFile"], ready["caBundleFile"], ready["controlKey"])


def listen():
    """A loopback address of our own with port 443 if we may have one, else any free port."""
    for _ in range(20):
        address = ".".join(["127", *(str(random.randint(1, 254)) for _ in range(3))])
        with socket.socket() as probe:
            try:
                probe.bind((address, 443))
            except OSError:
                continue
        return ["--listen", f"{address}:443", "--origin", f"https://{address}"]
    return ["--listen", "127.0.0.1:0"]
