"""Connections to a target: one request goes out as it is given, and its whole answer comes back.

This stands on libcurl: each call has a handle to itself while it lasts, so that callers at once
are at once, and a handle keeps its connection for the next call.
"""

from __future__ import annotations

import os
import re
import ssl
import threading
import time
import zlib
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import unquote, urlsplit, urlunsplit

import certifi
import pycurl

from conformance.exchange import Response
from conformance.proxy import FORWARDING, proxy

Octets = Sequence[tuple[bytes, bytes]]
IDLE_SECONDS = 5
LONGEST_POLL = 1.0
"""Seconds after which a signal that came while nothing else did is noticed at the latest."""


class Wire:
    """HTTP/1.1 connections to the server of a URL, kept open between requests.

    ``timeout``, of an answer as a whole, and ``connect_timeout`` are in seconds.
    """

    def __init__(self, base: str, timeout: float, connect_timeout: float) -> None:
        self._parts = urlsplit(base)
        self._timeouts = timeout, connect_timeout
        self._proxy = proxy(base)
        self._root = (base if self._forwarded else self._parts.path).rstrip("/")
        self._free: list[_Line] = []
        self._lock = threading.Lock()
        self.resent = 0
        """How many requests went out a second time, as their idle connection closed just then."""

    @property
    def _forwarded(self) -> bool:
        """Whether a proxy is asked for URLs; it tunnels what is encrypted (RFC 9112, 3.2.2)."""
        by = urlsplit(self._proxy or "").scheme
        return self._parts.scheme == "http" and by in FORWARDING

    def close(self) -> None:
        with self._lock:
            lines, self._free = self._free, []
        for line in lines:
            line.close()

    def exchange(
        self, method: str, path: str, headers: Octets, body: bytes = b"", *, once: bool = False
    ) -> tuple[Response | None, str]:
        """The answer, or none and the reason in plain words.

        ``path`` is appended to the URL as it is, query and all. ``once`` takes a new connection,
        and asks the server to close it.
        """
        with self._lock:
            # The last one that was used, so that in turn all calls share one connection.
            line = self._free.pop() if self._free else None
        line = line or _Line(self._parts.geturl(), self._proxy, *self._timeouts)
        try:
            found = line.exchange(method, self._root + path, headers, body, once)
        except BaseException:  # an interrupt; nobody knows how far it got
            line.close()
            raise
        with self._lock:
            self._free.append(line)
            self.resent += line.resent
        return found


class _Line:
    """One handle of libcurl, with one connection at most."""

    def __init__(self, base: str, by: str | None, timeout: float, connect_timeout: float) -> None:
        self._head: list[bytes] = []
        self._content: list[bytes] = []
        # Driven from here, so that Ctrl-C does not wait for an answer that never comes.
        self._multi = pycurl.CurlMulti()
        self.resent = False
        """Whether libcurl sent the last request twice."""
        self._curl = curl = pycurl.Curl()
        for option, value in (
            (pycurl.URL, base),
            (pycurl.HTTP_VERSION, pycurl.CURL_HTTP_VERSION_1_1),
            (pycurl.NOSIGNAL, 1),
            (pycurl.TIMEOUT_MS, round(1000 * timeout)),
            (pycurl.CONNECTTIMEOUT_MS, round(1000 * connect_timeout)),
            (pycurl.MAXAGE_CONN, IDLE_SECONDS),
            # No code of Python's, where a signal would be raised, and lost in libcurl.
            (pycurl.HEADERFUNCTION, self._head.append),
            (pycurl.WRITEFUNCTION, self._content.append),
            (pycurl.NOPROXY, ""),
            *_through(by),
            *_trusted(base),
        ):
            curl.setopt(option, value)

    def close(self) -> None:
        self._multi.close()
        self._curl.close()

    def exchange(
        self, method: str, target: str, headers: Octets, body: bytes, once: bool
    ) -> tuple[Response | None, str]:
        curl = self._curl
        self._head.clear()
        self._content.clear()
        given = [name + (b": " + value if value else b";") for name, value in headers]
        given += [b"Connection: close"] if once else []
        named = {name.lower() for name, _ in headers}
        # A word without a value keeps libcurl from a header of its own.
        given += [word + b":" for word in OWN if word.lower() not in named]
        curl.setopt(pycurl.FRESH_CONNECT, once)
        if body:
            curl.setopt(pycurl.POSTFIELDS, body)
        else:
            curl.setopt(pycurl.HTTPGET, 1)
        curl.setopt(pycurl.NOBODY, method == "HEAD")
        curl.setopt(pycurl.CUSTOMREQUEST, method)
        curl.setopt(pycurl.REQUEST_TARGET, target)
        curl.setopt(pycurl.HTTPHEADER, given)
        code, told = self._perform()
        known = len(method) + len(target) + sum(map(len, given)) + len(body)
        # libcurl counts the octets of both, where it sent the request twice.
        self.resent = curl.getinfo(pycurl.REQUEST_SIZE) >= 2 * known
        if code:
            return None, self._describe(code, told)
        status = curl.getinfo(pycurl.RESPONSE_CODE)
        answer = _response(status, self._head, b"".join(self._content))
        if not all(TOKEN.fullmatch(name) for name, _ in answer.headers):
            return None, "a header's name is malformed"
        try:
            return replace(answer, body=_plain(answer)), ""
        except zlib.error:
            return None, "the content is not in the coding that the answer names"

    def _perform(self) -> tuple[int, str]:
        """Send the request and wait for the answer; libcurl's code and words for a failure."""
        multi, curl = self._multi, self._curl
        multi.add_handle(curl)
        try:
            while multi.perform()[1]:
                soon = multi.timeout()
                pause = min(LONGEST_POLL, soon / 1000) if soon >= 0 else LONGEST_POLL
                if multi.select(pause) < 0:  # no socket yet: a name is being looked up
                    time.sleep(min(pause, 0.01))
            _, _, failed = multi.info_read()
        finally:
            multi.remove_handle(curl)
        return (failed[0][1], failed[0][2]) if failed else (0, "")

    def _describe(self, code: int, told: str) -> str:
        """The cause of a failed exchange in plain words."""
        if code in TLS:
            return f"TLS failed: {told}"
        if code == pycurl.E_OPERATION_TIMEDOUT:
            sent = self._curl.getinfo(pycurl.REQUEST_SIZE)
            return "no answer within the time-out" if sent else NO_CONNECTION
        if code in WORDS:
            return WORDS[code]
        number = self._curl.getinfo(pycurl.OS_ERRNO)
        return os.strerror(number).lower() if number else told or f"libcurl's error {code}"


TOKEN = re.compile(r"[-!#$%&'*+.^_`|~0-9A-Za-z]+")
"""RFC 9110, section 5.6.2; libcurl lets more pass."""
OWN = (b"Accept", b"Content-Type", b"Expect", b"User-Agent")
"""Headers that libcurl adds unless it is told not to."""

TLS = (
    *(pycurl.E_SSL_CONNECT_ERROR, pycurl.E_PEER_FAILED_VERIFICATION, pycurl.E_SSL_CERTPROBLEM),
    *(pycurl.E_SSL_CIPHER, pycurl.E_SSL_CACERT_BADFILE, pycurl.E_SSL_ISSUER_ERROR),
)
NO_CONNECTION = "no connection within the connect time-out"
WORDS = {
    pycurl.E_COULDNT_RESOLVE_HOST: "its host name is not known",
    pycurl.E_COULDNT_RESOLVE_PROXY: "the proxy's host name is not known",
    pycurl.E_GOT_NOTHING: "the connection was closed without an answer",
    pycurl.E_PARTIAL_FILE: "the answer broke off before its end",
    pycurl.E_UNSUPPORTED_PROTOCOL: "the answer is no HTTP/1.1",
}


def _through(by: str | None) -> list[tuple[int, str]]:
    """The proxy, with its credentials apart: in a URL they are percent-encoded."""
    if by is None:
        return [(pycurl.PROXY, "")]
    parts = urlsplit(by)
    host = parts.netloc.rpartition("@")[2]
    found = [(pycurl.PROXY, urlunsplit((parts.scheme, host, "", "", "")))]
    if parts.username is not None:
        found.append((pycurl.PROXYUSERNAME, unquote(parts.username)))
        found.append((pycurl.PROXYPASSWORD, unquote(parts.password or "")))
    return found


def _trusted(base: str) -> list[tuple[int, str]]:
    """Whose certificates this machine trusts; nothing where no TLS is spoken."""
    if base.startswith("http://"):
        return []
    paths = ssl.get_default_verify_paths()
    found = [(pycurl.CAINFO, paths.cafile or certifi.where())]
    return [*found, (pycurl.CAPATH, paths.capath)] if paths.capath else found


def _response(status: int, lines: Sequence[bytes], content: bytes) -> Response:
    """Of the header lines of all answers, those of the last: 1xx and a proxy's came before it."""
    head: list[str] = []
    for line in (one.decode("latin-1").rstrip("\r\n") for one in lines):
        if line.startswith("HTTP/"):
            head = []
        if not head or head[-1]:  # what follows the empty line are trailers
            head.append(line)
    version, _, rest = head[0].partition(" ")
    _, _, reason = rest.partition(" ")
    fields = (line.partition(":") for line in head[1:] if line)
    headers = tuple((name, value.strip(" \t")) for name, _, value in fields)
    return Response(status, reason, version, headers, content)


def _plain(answer: Response) -> bytes:
    """The content without the codings that were asked for (RFC 9110, section 8.4.1).

    Others stay: a server that names a character set there has not coded anything.
    """
    content = answer.body
    for coding in reversed((answer.header("content-encoding") or "").lower().split(",")):
        if content and coding.strip() in ("gzip", "x-gzip", "deflate"):
            content = _inflated(content)
    return content


def _inflated(content: bytes) -> bytes:
    try:
        return zlib.decompress(content, ANY_WRAPPER)
    except zlib.error:
        # Some servers send what is called deflate without its wrapper.
        return zlib.decompress(content, -zlib.MAX_WBITS)


ANY_WRAPPER = zlib.MAX_WBITS + 32
