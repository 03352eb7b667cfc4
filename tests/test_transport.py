"""The transport against servers that misbehave on real sockets."""

from __future__ import annotations

import base64
import socket
import threading
import time
import zlib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing, contextmanager, suppress

import pytest

from conformance.evidence import Unjudged
from conformance.recorder import Recorder
from conformance.redaction import Redactor
from conformance.secret import Secret
from conformance.transport import TargetGone, Transport

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
Answer = Callable[[int], bytes | None]


@contextmanager
def listening(answer: Answer, heard: list[bytes]) -> Iterator[int]:
    """A server that gives each request, by its number, the bytes of ``answer``; None hangs up."""
    listener = socket.create_server(("127.0.0.1", 0))

    def talk(connection: socket.socket) -> None:
        # Whoever calls may hang up at any time.
        with connection, suppress(ConnectionError):
            while request := connection.recv(65536):
                heard.append(request)
                reply = answer(len(heard))
                if reply is None:
                    return
                connection.sendall(reply)
                if b"Connection: close" in reply:
                    return

    def accept() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=talk, args=(connection,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listener.getsockname()[1]
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()


def towards(url: str) -> Transport:
    return Transport(url, Recorder(Redactor([])), timeout=2, connect_timeout=2)


@contextmanager
def scripted(answer: Answer, heard: list[bytes] | None = None) -> Iterator[Transport]:
    """A transport to such a server."""
    with (
        listening(answer, [] if heard is None else heard) as port,
        closing(towards(f"http://127.0.0.1:{port}")) as transport,
    ):
        yield transport


def get(transport: Transport) -> int:
    return transport.send("GET", "/", actor="alice").status


def test_a_429_is_waited_for() -> None:
    busy = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 0\r\nContent-Length: 0\r\n\r\n"
    with scripted(lambda number: busy if number < 3 else OK) as transport:
        assert get(transport) == 200
        assert transport.requests == 3


def test_an_idle_connection_that_closes_is_no_failure() -> None:
    """It is known, though, that the request may have had its effect twice."""
    heard: list[bytes] = []
    with scripted(lambda number: None if number == 3 else OK, heard) as transport:
        told = []
        for _ in range(4):
            transport.send("POST", "/v1/chats", actor="alice", body=b"{}")
            told.append((transport.resent, len(heard)))
    assert told == [(0, 1), (0, 2), (1, 4), (1, 5)]


def test_a_connection_that_the_target_closes_after_each_answer_is_no_failure() -> None:
    last = OK.replace(b"Content-Length", b"Connection: close\r\nContent-Length")
    heard: list[bytes] = []
    with scripted(lambda number: last, heard) as transport:
        assert [get(transport) for _ in range(3)] == [200, 200, 200]
        assert transport.resent == 0
    assert len(heard) == 3


def test_a_connection_that_breaks_by_chance_again_leaves_the_test_unjudged() -> None:
    # The second request goes out again on a new connection, and again at a second look.
    with scripted(lambda number: None if number in (2, 3, 5) else OK) as transport:
        assert [get(transport), get(transport)] == [200, 200]
        with pytest.raises(Unjudged, match="broke once"):
            get(transport)


@pytest.mark.parametrize(
    "head",
    (
        b"HTTP/1.1 200 OK\r\nNoColon\r\nContent-Length: 2",
        b"HTTP/1.1 200 OK\r\nOdd Name: x\r\nContent-Length: 2",
        b"HTTP/1.1 200 OK\r\nX-Odd: a\0b\r\nContent-Length: 2",
        b"HTTP/1.1 200 OK\r\nContent-Length: two",
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked",
        b"HTTP/1.1 OK\r\nContent-Length: 2",
        b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\nConnection: close",
        b"no HTTP at all",
    ),
)
def test_a_malformed_answer_is_broken(head: bytes) -> None:
    with scripted(lambda number: head + b"\r\n\r\nok" if number < 3 else OK) as transport:
        exchange = transport.send("GET", "/", actor="alice")
    assert exchange.response is None
    assert exchange.error


def test_it_is_told_whether_a_connection_or_an_answer_is_missing() -> None:
    with scripted(lambda number: OK if number == 1 else b"") as transport:
        assert get(transport) == 200
        assert transport.reach() == "no answer within the time-out"
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full, ExitStack() as waiting:
        for _ in range(4):  # more than the queue of those who wait to be accepted takes
            one = waiting.enter_context(socket.socket())
            one.setblocking(False)
            one.connect_ex(full.getsockname())
        with closing(towards(f"http://127.0.0.1:{full.getsockname()[1]}")) as transport:
            assert transport.reach() == "no connection within the connect time-out"


def test_a_target_that_answers_nothing_any_more_is_gone() -> None:
    with scripted(lambda number: None) as transport:
        with pytest.raises(TargetGone):
            get(transport)
        with pytest.raises(TargetGone):
            get(transport)


def test_redirects_are_not_followed_and_cookies_not_kept() -> None:
    heard: list[bytes] = []
    redirect = (
        b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nSet-Cookie: a=b\r\n"
        b"Content-Length: 0\r\n\r\n"
    )
    with scripted(lambda number: redirect, heard) as transport:
        assert [get(transport), get(transport)] == [302, 302]
    assert [request.split(b"\r\n")[0] for request in heard] == [b"GET / HTTP/1.1"] * 2
    assert not any(b"cookie" in request.lower() for request in heard)


def test_the_proxy_of_the_environment_is_asked_for_other_machines_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard: list[bytes] = []
    with listening(lambda number: OK, heard) as port:
        monkeypatch.setenv("http_proxy", f"127.0.0.1:{port}")
        with closing(towards("http://chats.example")) as transport:
            assert get(transport) == 200
        assert heard[0].startswith(b"GET http://chats.example/ HTTP/1.1\r\n")
        with scripted(lambda number: OK) as direct:
            assert get(direct) == 200
    assert len(heard) == 1


def test_a_socks_proxy_is_told_the_host_and_then_hears_what_the_target_would(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard: list[bytes] = []
    replies = {1: b"\x05\x00", 2: b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"}
    with listening(lambda number: replies.get(number, OK), heard) as port:
        monkeypatch.setenv("all_proxy", f"socks5h://127.0.0.1:{port}")
        with closing(towards("http://chats.example")) as transport:
            assert get(transport) == 200
    assert heard[1] == b"\x05\x01\x00\x03\x0dchats.example\x00\x50"
    assert heard[2].startswith(b"GET / HTTP/1.1\r\nHost: chats.example\r\n")


def test_a_proxy_is_given_its_password(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    heard: list[bytes] = []
    with listening(lambda number: b"HTTP/1.1 200 Go\r\n\r\n" if number == 1 else OK, heard) as port:
        monkeypatch.setenv("https_proxy", f"http://me:a%40b@127.0.0.1:{port}")
        with closing(towards("https://chats.example")) as transport:
            assert "TLS failed" in transport.reach()
    first, *fields = heard[0].split(b"\r\n")
    assert first == b"CONNECT chats.example:443 HTTP/1.1"
    assert b"Proxy-Authorization: Basic " + base64.b64encode(b"me:a@b") in fields


def test_a_declared_settle_time_passes_between_a_write_and_a_read() -> None:
    with scripted(lambda number: OK) as transport:
        transport.settle = 0.2
        transport.send("POST", "/", actor="alice", write=True)
        began = time.monotonic()
        transport.send("POST", "/", actor="alice", write=True)
        wrote = time.monotonic() - began
        get(transport)
        assert time.monotonic() - began - wrote >= 0.15
        assert wrote < 0.15


def test_no_recorded_request_holds_a_token() -> None:
    with scripted(lambda number: OK) as transport:
        secret = Secret("S1_HOST", "very-secret-token")
        exchange = transport.send("GET", "/", actor="host", secret=secret)
    assert ("Authorization", "Bearer $S1_HOST") in exchange.request.headers
    assert "very-secret-token" not in repr(exchange)


# -- what goes out and what comes back -------------------------------------------------------------


@pytest.mark.parametrize(
    ("coding", "wbits"), (("gzip", 31), ("deflate", 15), ("deflate", -15), ("Gzip", 31))
)
def test_the_coding_of_an_answer_is_taken_off(coding: str, wbits: int) -> None:
    packer = zlib.compressobj(wbits=wbits)
    packed = packer.compress(b"long " * 99) + packer.flush()
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {len(packed)}\r\n\r\n"
    with scripted(lambda number: head.encode() + packed) as transport:
        response = transport.send("GET", "/", actor="alice").response
    assert response
    assert response.body == b"long " * 99
    assert response.header("content-encoding") == coding


def test_a_coding_that_nobody_asked_for_stays() -> None:
    odd = b"HTTP/1.1 200 OK\r\nContent-Encoding: UTF-8\r\nContent-Length: 2\r\n\r\nok"
    with scripted(lambda number: odd) as transport:
        response = transport.send("GET", "/", actor="alice").response
    assert response
    assert response.body == b"ok"


def test_an_answer_in_another_coding_than_it_says_is_broken() -> None:
    false = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nok"
    with scripted(lambda number: false if number < 3 else OK) as transport:
        exchange = transport.send("GET", "/", actor="alice")
    assert exchange.response is None
    assert exchange.error


@pytest.mark.parametrize(
    ("method", "path", "body", "line", "length"),
    (
        ("GET", "/a%2F%2e%2E?x=1&x=2", None, b"GET /base/a%2F%2e%2E?x=1&x=2 HTTP/1.1", None),
        ("POST", "", "\u00e4".encode(), b"POST /base HTTP/1.1", b"Content-Length: 2"),
        ("PATCH", "/pin", b"", b"PATCH /base/pin HTTP/1.1", b"Content-Length: 0"),
        ("DELETE", "/pin", b"", b"DELETE /base/pin HTTP/1.1", None),
    ),
)
def test_a_request_goes_out_as_it_is_given(
    method: str, path: str, body: bytes | None, line: bytes, length: bytes | None
) -> None:
    heard: list[bytes] = []
    with (
        listening(lambda number: OK, heard) as port,
        closing(towards(f"http://127.0.0.1:{port}/base/")) as transport,
    ):
        headers = [("X-Odd", "\xe4")]
        transport.send(method, path, actor="alice", headers=headers, body=body)
    head, _, content = b"".join(heard).partition(b"\r\n\r\n")
    first, *fields = head.split(b"\r\n")
    assert (first, content) == (line, body or b"")
    assert {b"Host: 127.0.0.1:%d" % port, b"X-Odd: \xe4"} < set(fields)
    assert [one for one in fields if one.startswith(b"Content-Length")] == [length] * bool(length)


def test_the_head_of_an_answer_is_read_without_its_trailers_and_what_came_before_it() -> None:
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
    late = (
        b"HTTP/1.1 201 Quite  so\r\nX-Odd:\t\xe4 \r\nX-Odd: b\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    whole = early + late + b"2\r\nok\r\n0\r\nX-Trailer: no\r\n\r\n"
    with scripted(lambda number: whole) as transport:
        response = transport.send("GET", "/", actor="alice").response
    assert response
    assert (response.status, response.reason, response.version) == (201, "Quite  so", "HTTP/1.1")
    assert response.header("x-odd") == "\xe4, b"
    assert response.header("x-trailer") is response.header("link") is None
    assert response.body == b"ok"


def test_a_head_request_has_no_content_and_waits_for_none() -> None:
    heard: list[bytes] = []
    with scripted(
        lambda number: b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", heard
    ) as transport:
        exchange = transport.send("HEAD", "/", actor="alice", body=b"{}")
        assert exchange.status == 200
        assert exchange.request.body == b""
    assert b"content-length" not in heard[0].lower()


def test_nothing_goes_out_that_was_not_asked_for() -> None:
    heard: list[bytes] = []
    with scripted(lambda number: OK, heard) as transport:
        transport.send("POST", "/", actor="alice", headers=[("X-Empty", "")], body=b"x" * 2_000_000)
    head, _, _ = b"".join(heard).partition(b"\r\n\r\n")
    names = [line.partition(b":")[0].lower() for line in head.split(b"\r\n")[1:]]
    assert sorted(names) == sorted(
        [b"host", b"user-agent", b"accept", b"accept-encoding", b"content-length", b"x-empty"]
    )


def test_callers_at_once_have_connections_of_their_own() -> None:
    together = threading.Barrier(8)

    def answer(number: int) -> bytes:
        if 1 < number < 10:
            together.wait(5)
        return OK

    with scripted(answer) as transport, ThreadPoolExecutor(8) as pool:
        assert get(transport) == 200
        assert list(pool.map(lambda _: get(transport), range(8))) == [200] * 8
        assert get(transport) == 200
