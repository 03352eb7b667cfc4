"""A server that shows everybody's credentials around: in headers, bodies and error messages."""

from __future__ import annotations

import asyncio
import base64
import html
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import uvicorn
from starlette.requests import Request
from starlette.responses import Response

from conformance import contract_file
from conformance.model import Reaction
from conformance.reference.__main__ import listener
from conformance.reference.roster import Roster, load
from conformance.reference.server import Server

# Every character that one form escapes and another does not.
ODD = "%2B+/~._-%=="
ROSTER = load(
    {
        "name": f"s{session}",
        "host": f"hQ{session}x{ODD}9kTokenOfHost{session}==",
        "members": [f"mZ{session}{number}/+{ODD}tokenOfMember{number}~" for number in (1, 2)],
    }
    for session in (1, 2, 3, 4)
)


def escaped(text: str) -> str:
    """As .NET writes JSON: with no more than letters and digits left as they are."""
    return "".join(c if c.isalnum() else f"\\u{ord(c):04X}" for c in text)


def shown(given: str) -> dict[str, str]:
    """Credentials in all forms in which they may come back."""
    encoded = {
        f"base64-{n}": base64.b64encode(f"{'x' * n}{given}yz".encode()).decode() for n in range(3)
    }
    urls = {
        f"url-{name}": text.replace("+", "-").replace("/", "_") for name, text in encoded.items()
    }
    return {
        "plain": given,
        "percent": quote(given, safe=""),
        "lower": quote(given, safe="").replace("%2B", "%2b").replace("%2F", "%2f"),
        "path": quote(given),
        "json": json.dumps(given)[1:-1].replace("/", "\\/"),
        "unicode": escaped(given),
        "html": html.escape(given),
        **encoded,
        **urls,
    }


class Echoing(Server):
    """Keeps the contract where it must, and tells tokens wherever it can."""

    alive = True

    def set_up(self) -> None:
        self.given = ""
        self.requests = 0
        self.known = {f"Bearer {token}" for token in self.people}

    async def respond(self, request: Request) -> Response:
        self.requests += 1
        self.given = self.authorization(request)
        response = await super().respond(request)
        for name, text in shown(self.given).items():
            response.headers[f"X-{name}"] = text.encode("ascii", "replace").decode()
        response.headers["Server"] = f"echo {shown(self.given)['percent']}"
        return response

    def problem(self, status: int, title: str, headers: dict[str, str] | None = None) -> Response:
        if status == 405:
            body = b"\xff\xfe " + self.given.encode("latin-1", "replace") + b" \xff"
            return Response(body, status, headers, "text/plain")
        # Of findings that are alike only the first is kept, which shall be one that tells.
        forms = shown(self.given).values() if self.given in self.known else ()
        told = [f"SELECT '{text}' FROM tokens" for text in forms]
        content = {"status": status, "title": title, "detail": f"{title} {self.given}", "sql": told}
        text = f'{{"raw": "{escaped(self.given)}", {json.dumps(content)[1:]}'
        return Response(text, status, headers, "application/problem+json")

    def shown_reaction(self, name: str, held: list[Reaction]) -> dict[str, Any]:
        """A count that is no number, so that a failure quotes it."""
        return {**super().shown_reaction(name, held), "count": self.given}


@contextmanager
def echoing(people: Roster = ROSTER) -> Iterator[tuple[Echoing, uvicorn.Server, str]]:
    """The application, what serves it, and its URL."""
    app = Echoing(contract_file.load(), people)
    bound = listener("127.0.0.1", 0)
    config = uvicorn.Config(
        app,
        lifespan="off",
        log_level="critical",
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([bound])), daemon=True)
    thread.start()
    try:
        yield app, server, f"http://127.0.0.1:{bound.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        bound.close()


def environment(url: str, people: Roster = ROSTER) -> dict[str, str]:
    found = {"CHATS_URL": url}
    for session in people.sessions:
        host, members = people.tokens(session)
        found[f"CHATS_{session.upper()}_HOST"] = host
        for number, token in enumerate(members, 1):
            found[f"CHATS_{session.upper()}_MEMBER_{number}"] = token
    return found
