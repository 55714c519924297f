from urllib.parse import parse_qs

import jwt
import pytest
import requests

pytest_plugins = ["suite"]


@pytest.fixture
def wire():
    """An HTTP session that only takes note of what went through it."""
    with Wire() as session:
        yield session


class Wire(requests.Session):
    def __init__(self):
        super().__init__()
        self.token_answers = []
        self.assertion_algorithms = []
        self.hooks["response"].append(self.note)

    def note(self, response, *_, **__):
        if response.request.method == "POST" and response.request.path_url.partition("?")[0].endswith("/token"):
            self.token_answers.append(response.status_code)
            for assertion in parse_qs(response.request.body).get("client_assertion", []):
                self.assertion_algorithms.append(jwt.get_unverified_header(assertion)["alg"])
