"""The ropeway binary, started once and ended with the process that started it."""

import json
import os
import random
import shutil
import socket
import subprocess
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path

from .https import Https, ServerError
from .tenant import Tenant

LONGEST_START = 60.0  # seconds; a debug build on a busy machine
WITHOUT_443 = """\
MSAL Python, and azure-identity for Python and az with it, cannot use the password grant here: they ask for the user
realm on port 443, whatever the port of the authority. Other clients can. On Linux this gives port 443 to everybody:
sudo sysctl -w net.ipv4.ip_unprivileged_port_start=443"""


class NotStarted(Exception):
    """The binary is not there, or ended before it was ready."""


@dataclass(frozen=True)
class Server:
    """A running server, as its ready file tells."""

    origin: str
    tenants: list = field(repr=False)
    ca_file: str
    ca_bundle_file: str
    control_key: str = field(repr=False)

    @property
    def on_443(self):
        """Whether a client that drops the port from an authority still finds it."""
        return not self.origin.removeprefix("https://").rpartition("]")[2].partition(":")[2]

    @property
    def note(self):
        """What is not possible here and what would help, for a person; nothing if everything is possible."""
        return None if self.on_443 else f"ropeway listens at {self.origin}.\n{WITHOUT_443}"

    @property
    def trust(self):
        """The variables by which requests, httpx, urllib and curl trust the server as well as the system's roots."""
        names = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE")
        return dict.fromkeys(names, self.ca_bundle_file)

    def copy(self, tenant=None):
        """A copy of a tenant, named by id or domain, else of the first one that the server serves."""
        made = self.control("POST", "tenants", {"from": tenant or self.tenants[0]["tenantId"]})
        return Tenant(self, made["tenantId"], made["domains"][0])

    def control(self, method, path, body=None):
        """Calls the control API: a path below `/_ropeway/api/v1/`, objects in and out."""
        status, answer = self.https.send(
            method,
            f"/_ropeway/api/v1/{path}",
            json.dumps(body).encode() if body is not None else None,
            {"Authorization": f"Bearer {self.control_key}", "Content-Type": "application/json"},
        )
        if status >= 400:
            raise ServerError(f"{method} {path} was answered {status}: {answer}")
        return json.loads(answer) if answer else None

    @property
    def https(self):
        return Https(self.origin, self.ca_file)


class Process:
    """One `ropeway serve`. It reads its end from its standard input, so it cannot outlive this process."""

    def __init__(self, tenant_file=None):
        listen = os.environ.get("ROPEWAY_LISTEN")
        command = [binary(), "serve", "--stop-at-eof", *(["--listen", listen] if listen else free_address())]
        if tenant_file:
            command += ["--tenant", str(tenant_file)]
        self._log = tempfile.TemporaryFile()
        # Its runtime file is kept from the person's own `ropeway env`, which looks for the server they started.
        with tempfile.TemporaryDirectory(prefix="ropeway-") as folder:
            ready_file = Path(folder, "ready.json")
            self._process = subprocess.Popen(
                [*command, "--ready-file", ready_file],
                env=os.environ | {"XDG_RUNTIME_DIR": folder},
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._log,
                text=True,
                # Ctrl-c is for pytest, whose fixtures then still drop their tenants.
                start_new_session=True,
            )
            try:
                self.server = self._wait_for(ready_file)
            except BaseException:
                self.stop()
                raise

    def _wait_for(self, ready_file):
        # The ready line is the only one on standard output, so reading it is waiting without polling.
        too_late = threading.Timer(LONGEST_START, self._process.kill)
        too_late.start()
        line = self._process.stdout.readline()
        too_late.cancel()
        if not line.startswith("ready "):
            self._process.wait()
            self._log.seek(0)
            raise NotStarted(f"ropeway did not get ready; it said:\n{self._log.read().decode()}")
        ready = json.loads(ready_file.read_text())
        return Server(ready["origin"], ready["tenants"], ready["caFile"], ready["caBundleFile"], ready["controlKey"])

    def stop(self):
        self._process.stdin.close()
        try:
            self._process.wait(timeout=LONGEST_START)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._log.close()


def binary():
    named = os.environ.get("ROPEWAY_BIN")
    found = shutil.which(named or "ropeway")
    if not found:
        what = f"ROPEWAY_BIN names {named}, which is no program" if named else "there is no `ropeway` on the PATH"
        raise NotStarted(f"{what}; `cargo install --path crates/cli` puts one there, or set ROPEWAY_BIN to the binary")
    return found


def free_address():
    """A loopback address of its own with port 443 if this account may have one, else any free port."""
    for _ in range(20):
        address = ".".join(["127", *(str(random.randint(1, 254)) for _ in range(3))])
        with socket.socket() as probe:
            try:
                probe.bind((address, 443))
            except OSError:
                continue
        return ["--listen", f"{address}:443", "--origin", f"https://{address}"]
    return ["--listen", "127.0.0.1:0"]
