"""Sends requests as they are meant, waits where a target asks for it, and records the answers."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Sequence

from conformance import __version__, evidence
from conformance.evidence import Unjudged
from conformance.exchange import Exchange, Request, Response
from conformance.recorder import Recorder
from conformance.secret import Secret
from conformance.wire import Octets, Wire

AGENT = f"chats-conformance/{__version__}"
PATIENCE = 60.0
"""Seconds that one request may spend on waiting out 429 answers."""
TOO_MANY_REQUESTS = 429


class TargetGone(Unjudged):
    """The target stopped answering."""


class Transport:
    """One pool of HTTP/1.1 connections to a target, shared by all people of a run.

    No redirects are followed and no cookies kept: each request says who sends it, and nothing
    else does. ``settle`` seconds pass between a write and the next read, for targets that are
    declared eventually consistent. ``rate`` is in requests a second.
    """

    def __init__(
        self,
        base: str,
        recorder: Recorder,
        *,
        timeout: float = 30.0,
        connect_timeout: float = 5.0,
        settle: float = 0.0,
        rate: float | None = None,
    ) -> None:
        self.base = base.rstrip("/")
        self.recorder = recorder
        self.settle = settle
        self.lag = 0.0
        """Seconds between a write and anything else, where writes were seen to take so long."""
        self.interval = 1 / rate if rate else 0.0
        self.requests = 0
        self.gone = ""
        self.single_use = False
        self._looks = 0
        self._next = 0.0
        self._last_write = -math.inf
        self._lock = threading.Lock()
        self._wire = Wire(self.base, timeout, connect_timeout)

    def close(self) -> None:
        self._wire.close()

    @property
    def wait(self) -> float:
        """Seconds between a write and the next read."""
        return max(self.settle, self.lag)

    @property
    def resent(self) -> int:
        """How often a request went out again; the first one may have had its effect."""
        return self._looks + self._wire.resent

    def send(
        self,
        method: str,
        path: str,
        *,
        actor: str,
        operation: str = "",
        headers: Sequence[tuple[str, str]] = (),
        secret: Secret | None = None,
        scheme: str = "Bearer",
        body: bytes | None = None,
        write: bool = False,
    ) -> Exchange:
        """Send one request; ``path`` is appended to the target's URL as it is, query and all.

        Raises :class:`TargetGone` where the target answers nothing any more, and
        :class:`Unjudged` where it asks for more patience than there is.
        """
        if self.gone:
            raise TargetGone(self.gone)
        body = None if method == "HEAD" else body  # which nobody would read (RFC 9110, 9.3.2)
        shown = [("User-Agent", AGENT), ("Accept", "*/*"), ("Accept-Encoding", "gzip, deflate")]
        shown += [("Authorization", f"{scheme} ${secret.name}".strip())] if secret else []
        shown += headers
        real = [*shown]
        if secret:
            real[3] = ("Authorization", f"{scheme} {secret.reveal()}".strip())
        if body or (body is not None and method in ("POST", "PUT", "PATCH")):
            real.insert(0, ("Content-Length", str(len(body))))
        # A header may hold octets beyond ASCII (RFC 9110, section 5.5).
        octets = [(name.encode("ascii"), value.encode("latin-1")) for name, value in real]
        request = Request(method, self.base + path, tuple(shown), body or b"")
        return self._until_answered(request, octets, actor, operation, write)

    def reach(self) -> str:
        """Why the target cannot be reached, or nothing; one attempt, not recorded."""
        self.requests += 1
        _, error = self._wire.exchange("GET", "/", (), once=self.single_use)
        return error

    # -- pace ------------------------------------------------------------------------------------

    def _pace(self, write: bool) -> None:
        with self._lock:
            self.requests += 1
            now = time.monotonic()
            start = max(now, self._next)
            self._next = start + self.interval
            settled = self._last_write + (self.lag if write else self.wait)
        pause = max(start, settled) - now
        if pause > 0:
            time.sleep(pause)

    def _until_answered(
        self, request: Request, octets: Octets, actor: str, operation: str, write: bool
    ) -> Exchange:
        waited, attempt = 0.0, 0
        while True:
            self._pace(write)
            exchange = self._attempt(request, octets, actor, operation)
            if write:
                self._last_write = time.monotonic()
            if exchange.status != TOO_MANY_REQUESTS:
                self.recorder.keep(exchange)
                return exchange
            pause = _retry_after(exchange.response, attempt)
            waited, attempt = waited + pause, attempt + 1
            if waited > PATIENCE:
                self.recorder.keep(exchange)
                raise Unjudged(f"the target answered 429 for more than {PATIENCE:.0f} seconds")
            time.sleep(pause)

    # -- one attempt -----------------------------------------------------------------------------

    def _attempt(self, request: Request, octets: Octets, actor: str, operation: str) -> Exchange:
        started, began = time.time(), time.monotonic()
        response, error = self._exchange(request, octets)
        if error:
            response, error = self._second_look(request, octets, error)
        ended = time.monotonic()
        return Exchange(
            id=self.recorder.new_id(),
            test=evidence.current().test,
            actor=actor,
            operation=operation,
            request=request,
            response=response,
            error=error,
            started=started,
            began=began,
            ended=ended,
        )

    def _exchange(self, request: Request, octets: Octets) -> tuple[Response | None, str]:
        path = request.url.removeprefix(self.base)
        return self._wire.exchange(request.method, path, octets, request.body, once=self.single_use)

    def _second_look(
        self, request: Request, octets: Octets, error: str
    ) -> tuple[Response | None, str]:
        """What the same request gets on a connection of its own, and the error if it breaks again.

        A connection may break just as a request goes out. The second answer stands then, and from
        there on no connection is used twice. If one breaks by chance even so, the test
        is left unjudged; where not even a bare request gets through, the target is gone.
        """
        reused_so_far, self.single_use = not self.single_use, True
        self._looks += 1
        response, repeated = self._exchange(request, octets)
        if repeated:
            self._require_alive()
            return None, repeated
        if not reused_so_far:
            raise Unjudged(f"a connection broke once and not again ({error})")
        return response, ""

    def _require_alive(self) -> None:
        silent = self.reach()
        if silent:
            self.gone = f"the target stopped answering ({silent})"
            raise TargetGone(self.gone)


def _retry_after(response: Response | None, attempt: int) -> float:
    """Seconds to wait after a 429: what it asks for, or longer and longer."""
    asked = response.header("retry-after") if response else None
    if asked and asked.strip().isdigit():
        return max(float(asked), 0.05)
    return float(min(0.1 * 2**attempt, 5.0))
