"""Requests to the server, by the standard library alone, so that the plugin brings nothing into your tests."""

import ssl
import urllib.error
import urllib.request


class ServerError(Exception):
    """The server was asked for something that it cannot do."""


class Https:
    def __init__(self, origin, ca_file):
        self._origin = origin
        context = ssl.create_default_context(cafile=ca_file)
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPSHandler(context=context)
        )

    def send(self, method, path, body=None, headers=None):
        """Status and text of the answer, whatever the status."""
        request = urllib.request.Request(self._origin + path, body, headers or {}, method=method)
        try:
            with self._opener.open(request, timeout=30) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as answer:
            with answer:
                return answer.code, answer.read().decode()
        except urllib.error.URLError as error:
            raise ServerError(f"ropeway does not answer at {self._origin}: {error.reason}") from error
