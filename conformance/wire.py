"""Connections to a target: one request goes out as it is given, and its whole answer comes back.

This stands on httpx's own core: what its client adds, redirects and cookies, is just what may not
be, and its requests and answers are made for more than is needed here, at a time of their own.
"""

from __future__ import annotations

import contextlib
import ssl
import threading
from collections.abc import Sequence
from typing import Any

import httpcore
import httpx

from conformance.exchange import Response
from conformance.proxy import proxy

Octets = Sequence[tuple[bytes, bytes]]
BROKEN = (
    *(httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError),
    *(httpcore.ProxyError, httpx.DecodingError),
)
IDLE_SECONDS = 5.0


class Wire:
    """HTTP/1.1 connections to the server of a URL, kept open between requests.

    ``timeout`` and ``connect_timeout`` are in seconds.
    """

    def __init__(self, base: str, timeout: float, connect_timeout: float) -> None:
        url = httpx.URL(base)
        self._host, self._root = (b"Host", url.netloc), url.raw_path.rstrip(b"/")
        self._server: dict[str, Any] = {
            "scheme": url.raw_scheme,
            "host": url.raw_host,
            "port": url.port,
        }
        rest = dict.fromkeys(("read", "write", "pool"), timeout)
        self._timeouts = {"connect": connect_timeout, **rest}
        # A pool looks at all of its idle connections each time. What callers at once leave behind
        # is not to be looked at by the thousands of requests that go out in turn.
        self._owner = threading.get_ident()
        tls, by = _tls(base), _proxy(base)
        self._turns, self._crowd = _pool(tls, by), _pool(tls, by)

    def close(self) -> None:
        self._turns.close()
        self._crowd.close()

    def exchange(
        self, method: str, path: str, headers: Octets, body: bytes = b"", *, once: bool = False
    ) -> tuple[Response | None, str]:
        """The answer, or none and the reason in plain words.

        ``path`` is appended to the URL as it is, query and all. ``once`` asks the server to close
        the connection.
        """
        pool = self._turns if threading.get_ident() == self._owner else self._crowd
        given = [self._host, *headers]
        given += [(b"Connection", b"close")] if once else []
        request = httpcore.Request(
            method,
            httpcore.URL(**self._server, target=self._root + path.encode("ascii")),
            headers=given,
            content=body or None,
            extensions={"timeout": self._timeouts},
        )
        try:
            with contextlib.closing(pool.handle_request(request)) as answer:
                answer.read()
                return _response(answer), ""
        except BROKEN as problem:
            return None, describe(problem)


def _pool(tls: ssl.SSLContext, by: httpcore.Proxy | None) -> httpcore.ConnectionPool:
    return httpcore.ConnectionPool(
        ssl_context=tls,
        proxy=by,
        max_connections=64,
        max_keepalive_connections=32,
        keepalive_expiry=IDLE_SECONDS,
    )


def _tls(base: str) -> ssl.SSLContext:
    """What this machine trusts; without the time to read it where no TLS is spoken."""
    plain = base.startswith("http://")
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) if plain else httpx.create_ssl_context()


def _proxy(base: str) -> httpcore.Proxy | None:
    url = proxy(base)
    if url is None:
        return None
    read = httpx.Proxy(url)
    return httpcore.Proxy(str(read.url), auth=read.raw_auth)


def _response(answer: httpcore.Response) -> Response:
    """The whole answer, with its content's coding taken off."""
    content = answer.content
    if any(name.lower() == b"content-encoding" for name, _ in answer.headers):
        content = httpx.Response(answer.status, headers=answer.headers, content=content).content
    headers = tuple(
        (name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.headers
    )
    reason, version = (
        answer.extensions[word].decode("latin-1") for word in ("reason_phrase", "http_version")
    )
    return Response(answer.status, reason, version, headers, content)


def describe(problem: Exception) -> str:
    """The cause of a failed exchange in plain words."""
    if isinstance(problem, httpcore.ConnectTimeout):
        return "no connection within the connect time-out"
    if isinstance(problem, httpcore.TimeoutException):
        return "no answer within the time-out"
    cause: BaseException | None = problem
    while cause is not None:
        if isinstance(cause, ssl.SSLError):
            return f"TLS failed: {cause.reason or cause}"
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror.lower()
        cause = cause.__cause__ or cause.__context__
    return str(problem) or type(problem).__name__
