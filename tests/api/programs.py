"""Another program, which asks with a token."""

import json

from django.test import Client

from tests import factories as make


class Program:
    """Another program: sends JSON with its token."""

    def __init__(self, token, text):
        self.token, self.text, self.member = token, text, token.member
        self._client = Client()

    def ask(self, method, path, body=None, **headers):
        """Ask, with JSON where a body is given; a header is left out by None."""
        named = {
            "Authorization": f"Bearer {self.text}",
            **{name.replace("_", "-"): one for name, one in headers.items()},
        }
        content = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        kind = named.pop("Content-Type", "application/json" if body is not None else "")
        given = {name: value for name, value in named.items() if value is not None}
        return self._client.generic(method, f"/api/v1{path}", content, content_type=kind, headers=given)

    def get(self, path, **headers):
        return self.ask("GET", path, **headers)

    def post(self, path, body=None, **headers):
        return self.ask("POST", path, body, **headers)


def program(member, **fields):
    """Return a program with a token of its own that acts as a member."""
    text = f"luister_test-{member.pk}-{len(fields)}-{fields.get('name', '')}"
    return Program(make.TokenFactory(member=member, text=text, **fields), text)
