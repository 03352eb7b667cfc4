"""Freedoms in how answers travel: media types, encodings, pace, and what stands in front."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import json
import random
import re
from collections.abc import AsyncIterator
from email.utils import formatdate
from time import time
from typing import Any

from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from conformance.reference.registry import variant
from conformance.reference.server import Server

# -- media types and bodies ------------------------------------------------------------------------

COUNTED = re.compile(r'("(?:totalCount|count)": [0-9]+)(?=[,}])')
"""A member with an integer; in a text its quotes would be escaped."""


@variant("json-with-charset")
class WithCharset(Server):
    """JSON is declared as application/json; charset=utf-8."""

    def answer(self, content: Any) -> Response:
        response = super().answer(content)
        response.headers["content-type"] = "application/json; charset=utf-8"
        return response


@variant("json-vendor-type")
class VendorType(Server):
    """JSON is declared under a type of its own that ends in +json."""

    def answer(self, content: Any) -> Response:
        response = super().answer(content)
        response.headers["content-type"] = 'application/vnd.chats.v1+json; profile="chats"'
        return response


@variant("json-escaped")
class Escaped(Server):
    """JSON has everything outside ASCII escaped, and is indented."""

    def answer(self, content: Any) -> Response:
        return Response(json.dumps(content, indent=2) + "\n", media_type="application/json")


@variant("json-integers-with-point")
class IntegersWithPoint(Server):
    """Integers are written with a fraction of 0, as where all numbers are of one type."""

    def answer(self, content: Any) -> Response:
        written = json.dumps(content, ensure_ascii=False)
        return Response(COUNTED.sub(r"\1.0", written), media_type="application/json")


@variant("surrogates-kept")
class SurrogatesKept(Escaped):
    """A lone surrogate in a text is accepted and comes back, escaped."""

    def text(self, body: Any) -> str:
        value = body.get("message") if isinstance(body, dict) else None
        return value if isinstance(value, str) else super().text(body)


class ErrorBody(Server):
    """Answers errors with another body than JSON."""

    def error_body(self, status: int, title: str) -> tuple[str, str]:
        return title, "text/plain"

    def problem(self, status: int, title: str, headers: dict[str, str] | None = None) -> Response:
        body, media_type = self.error_body(status, title)
        return Response(body, status, headers, media_type if body else None)


@variant("errors-plain")
class ErrorsPlain(ErrorBody):
    """Errors have a body of plain text."""

    def error_body(self, status: int, title: str) -> tuple[str, str]:
        return f"{status}: {title}", "text/plain"


@variant("errors-empty")
class ErrorsEmpty(ErrorBody):
    """Errors have no body."""

    def error_body(self, status: int, title: str) -> tuple[str, str]:
        return "", ""


@variant("errors-html")
class ErrorsHtml(ErrorBody):
    """Errors have a page of HTML for a body."""

    def error_body(self, status: int, title: str) -> tuple[str, str]:
        return f"<!doctype html><title>{status}</title><p>{title}</p>", "text/html"


@variant("errors-array")
class ErrorsArray(ErrorBody):
    """Errors have a JSON array for a body."""

    def error_body(self, status: int, title: str) -> tuple[str, str]:
        return json.dumps([title, status, None]), "application/json"


@variant("extra-headers")
class ExtraHeaders(Server):
    """Answers have cookies, entity tags and headers that nobody documented."""

    async def respond(self, request: Request) -> Response:
        response = await super().respond(request)
        response.set_cookie("affinity", "node-3", httponly=True)
        response.headers["ETag"] = f'W/"{random.getrandbits(32):08x}"'
        response.headers["Cache-Control"] = "no-store"
        response.headers["X-Request-Id"] = self.new_id()
        return response


@variant("entity-tags")
class EntityTags(Server):
    """Lists have an entity tag of what they show; who has it already gets 304."""

    async def respond(self, request: Request) -> Response:
        response = await super().respond(request)
        if request.method != "GET" or response.status_code != 200:
            return response
        tag = f'"{hashlib.sha256(bytes(response.body)).hexdigest()[:16]}"'
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers={"ETag": tag})
        response.headers["ETag"] = tag
        return response


@variant("compressed")
class Compressed(Server):
    """Bodies are compressed where the caller accepts gzip."""

    async def respond(self, request: Request) -> Response:
        response = await super().respond(request)
        response.headers["Vary"] = "Accept-Encoding"
        if getattr(response, "body", b"") and "gzip" in request.headers.get("accept-encoding", ""):
            response.body = gzip.compress(bytes(response.body))
            response.headers["Content-Encoding"] = "gzip"
            response.headers["Content-Length"] = str(len(response.body))
        return response


@variant("chunked")
class Chunked(Server):
    """Bodies come in chunks, cut anywhere."""

    async def respond(self, request: Request) -> Response:
        response = await super().respond(request)
        if not getattr(response, "body", b""):
            return response
        chunked = StreamingResponse(self.parts(bytes(response.body)), response.status_code)
        kept = [(name, value) for name, value in response.raw_headers if name != b"content-length"]
        chunked.raw_headers = kept
        return chunked

    async def parts(self, body: bytes) -> AsyncIterator[bytes]:
        for start in range(0, len(body), 97):
            yield body[start : start + 97]


# -- connections and pace --------------------------------------------------------------------------


@variant("connection-closed")
class ConnectionClosed(Server):
    """The connection is closed after each answer."""

    async def respond(self, request: Request) -> Response:
        response = await super().respond(request)
        response.headers["Connection"] = "close"
        return response


class Slow(Server):
    """Takes its time."""

    def seconds(self) -> float:
        return 0.0

    async def respond(self, request: Request) -> Response:
        await asyncio.sleep(self.seconds())
        return await super().respond(request)


@variant("slow-5-ms", waits=True)
class Slow5(Slow):
    """Every answer takes 5 ms longer."""

    def seconds(self) -> float:
        return 0.005


@variant("slow-60-ms", waits=True)
class Slow60(Slow):
    """Every answer takes 30 to 60 ms longer."""

    def seconds(self) -> float:
        return random.uniform(0.03, 0.06)


class Throttled(Server):
    """Refuses a call now and then for coming too soon."""

    def every(self) -> int:
        return 9

    def headers(self) -> dict[str, str]:
        return {}

    def set_up(self) -> None:
        self.calls = 0
        super().set_up()

    async def respond(self, request: Request) -> Response:
        self.calls += 1
        if self.calls % self.every() == 0:
            return self.problem(429, "Too many requests.", self.headers())
        return await super().respond(request)


@variant("throttled", waits=True)
class ThrottledAtOnce(Throttled):
    """Each ninth call gets 429 with Retry-After: 0."""

    def headers(self) -> dict[str, str]:
        return {"Retry-After": "0"}


@variant("throttled-a-second", waits=True)
class ThrottledASecond(Throttled):
    """Each hundredth call gets 429 with Retry-After: 1."""

    def every(self) -> int:
        return 100

    def headers(self) -> dict[str, str]:
        return {"Retry-After": "1"}


@variant("throttled-without-time", waits=True)
class ThrottledWithoutTime(Throttled):
    """Each forty-third call gets 429 without Retry-After."""

    def every(self) -> int:
        return 43


@variant("throttled-until-date", waits=True)
class ThrottledUntilDate(Throttled):
    """Each hundredth call gets 429 with a date in Retry-After."""

    def every(self) -> int:
        return 100

    def headers(self) -> dict[str, str]:
        return {"Retry-After": formatdate(time() + 1, usegmt=True)}
