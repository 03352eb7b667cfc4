"""Exchanges: their curl lines repeat them in a real shell, and their stored form has no token."""

from __future__ import annotations

import base64
import json
import shutil
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import ClassVar

import pytest

from conformance.exchange import Exchange, Request, Response, curl
from conformance.redaction import Redactor
from conformance.secret import Secret

TOKEN = "very-secret-token"
BASIC = base64.b64encode(f"{TOKEN}:".encode()).decode()
REDACTOR = Redactor([Secret("S1_HOST", TOKEN)])


class Echo(BaseHTTPRequestHandler):
    """Remembers what it was sent."""

    seen: ClassVar[list[tuple[str, str, str | None, bytes]]] = []

    def answer(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        authorization = self.headers.get("Authorization")
        self.seen.append((self.command, self.path, authorization, self.rfile.read(size)))
        self.send_response(204)
        self.end_headers()

    do_GET = do_POST = do_DELETE = do_QUERY = answer

    def log_message(self, format: str, *args: object) -> None:
        """Keep the tests' output clean."""


@pytest.fixture
def echo() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Echo)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


AWKWARD = (
    b"",
    b'{"message": "it\'s $HOME `whoami` !! \\\\ \\" <b>"}',
    '{"message": "né 早 🙂 e\u0301"}'.encode(),
    b'{"message": "tab\there\nand there"}',
    b"@/etc/hostname",
    b"\x01\x7f",
    b"NUL\x00 and \xff",
)


@pytest.mark.parametrize("body", AWKWARD)
@pytest.mark.parametrize("method", ("POST", "QUERY"))
def test_a_curl_line_sends_the_same_request(echo: str, method: str, body: bytes) -> None:
    assert shutil.which("curl"), "this test runs the real curl"
    path = "/v1/chats/a%2Fb%20c?chatId=%3Ax%3A&[]={}"
    headers = (("Authorization", "Bearer $S1_HOST"), ("Content-Type", "application/json"))
    line = curl(Request(method, echo + path, headers, body), REDACTOR)
    subprocess.run(["bash", "-c", line], check=True, env={"S1_HOST": TOKEN}, capture_output=True)
    assert Echo.seen.pop() == (method, path, f"Bearer {TOKEN}", body)


@pytest.mark.parametrize(
    ("shown", "sent"),
    (
        ("Bearer ${S1_HOST%?}", f"Bearer {TOKEN[:-1]}"),
        ("Bearer ${S1_HOST}wxyz", f"Bearer {TOKEN}wxyz"),
        ("Bearer ${S1_HOST/#/wxyz}", f"Bearer wxyz{TOKEN}"),
        ("${S1_HOST/#/Bearer}", f"Bearer{TOKEN}"),
        ("Bearer ${S1_HOST} wxyz", f"Bearer {TOKEN} wxyz"),
        ("Bearer ${S1_HOST:0:2}e${S1_HOST:3}", f"Bearer {TOKEN[:2]}e{TOKEN[3:]}"),
        ("Basic $(printf $S1_HOST: | base64 -w0)", f"Basic {BASIC}"),
        ("Bearer $S1_HOST-more", f"Bearer {TOKEN}-more"),
        ("$S1_HOST", TOKEN),
        ("Bearer $OTHER `id`", "Bearer $OTHER `id`"),
    ),
)
def test_a_curl_line_leaves_the_tokens_to_the_shell(echo: str, shown: str, sent: str) -> None:
    line = curl(Request("GET", echo + "/", (("Authorization", shown),)), REDACTOR)
    assert TOKEN not in line
    subprocess.run(["bash", "-c", line], check=True, env={"S1_HOST": TOKEN}, capture_output=True)
    assert Echo.seen.pop() == ("GET", "/", sent, b"")


def exchange(body: bytes, answer: bytes) -> Exchange:
    request = Request("POST", f"http://127.0.0.1/?t={TOKEN}", (), body)
    response = Response(200, "OK", "HTTP/1.1", (("X-Echo", TOKEN),), answer)
    return Exchange("x1", "t", "host", "sendChat", request, response, "", 0.0, 1.0, 1.5)


@pytest.mark.parametrize("form", (TOKEN.encode(), b"\xff" + TOKEN.encode() + b"\xfe"))
def test_the_stored_form_has_no_token(form: bytes) -> None:
    stored = json.dumps(exchange(form, form).dump(REDACTOR))
    assert TOKEN not in stored
    assert "$S1_HOST" in stored


def test_a_header_is_found_in_any_letter_case() -> None:
    response = Response(200, "OK", "HTTP/1.1", (("Allow", "GET"), ("allow", "POST")), b"")
    assert response.header("ALLOW") == "GET, POST"
    assert response.header("Age") is None


@pytest.mark.parametrize("body", (b"{", b"NaN", b"\xff", b"[" * 100_000, b"\xef\xbb\xbf{}"))
def test_what_is_no_json_is_a_value_error(body: bytes) -> None:
    response = Response(200, "OK", "HTTP/1.1", (), body)
    with pytest.raises(ValueError):  # noqa: PT011 (the standard library's own words)
        response.json()
