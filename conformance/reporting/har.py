"""HAR 1.2: every exchange of a run, for the network tab of a browser and for other tools."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from io import StringIO
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

from harfile import Content, Creator, HarFile, PostData, Record, Request, Response, Timings

from conformance import __version__
from conformance.reporting import CHECKER, Exchange, hostile
from conformance.results import StoredRun

_ORIGIN = re.compile(r"[a-z]+://[^/?#]*", re.IGNORECASE)
_AFTER_ORIGIN = "%/:?@!$&'()*+,;=~-._"
_STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")


def render(run: StoredRun) -> str:
    out = StringIO()
    with HarFile(out, creator=Creator(CHECKER, __version__)) as file:
        for exchange in run.exchanges.values():
            _add(file, hostile.whole(exchange))
    return out.getvalue() + "\n"


def _add(file: HarFile, exchange: Exchange) -> None:
    elapsed = round(exchange["elapsed"] * 1000, 3)
    note = f"{exchange['id']}, {exchange['actor']}, {exchange['operation']}: {exchange['test']}"
    file.add_entry(
        startedDateTime=datetime.fromtimestamp(exchange["started"], UTC),
        time=elapsed,
        request=_request(exchange["request"]),
        response=_response(exchange["response"], exchange["error"]),
        timings=Timings(send=0, wait=elapsed, receive=0),
        comment=hostile.line(note),
    )


def _request(request: Exchange) -> Request:
    url = _url(request["url"])
    body, raw = _body(request)
    post = None
    if raw:
        kind = _header(request["headers"], "content-type")
        post = PostData(kind, text=body, comment="in base64" if "base64" in request else None)
    return Request(
        method=request["method"],
        url=url,
        httpVersion="HTTP/1.1",
        headers=_records(request["headers"]),
        queryString=_records(_query(url)),
        postData=post,
        bodySize=len(raw),
    )


def _url(sent: str) -> str:
    """The URL, or where the checker sent one that is none, the nearest one."""
    origin = _ORIGIN.match(sent)
    end = origin.end() if origin else 0
    rest = _STRAY_PERCENT.sub("%25", quote(sent[end:], safe=_AFTER_ORIGIN))
    return sent[:end] + rest


def _query(url: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(urlsplit(url).query, keep_blank_values=True)
    except ValueError:  # the checker sends URLs that are none, too
        return []


def _response(response: Exchange | None, error: str) -> Response:
    """The answer; where none came, a status of 0, as browsers write it."""
    if response is None:
        return Response(
            0, "", "", content=Content(mimeType="x-unknown"), comment=hostile.line(error)
        )
    body, raw = _body(response)
    encoding = "base64" if "base64" in response else None
    kind = _header(response["headers"], "content-type")
    return Response(
        status=response["status"],
        statusText=response["reason"],
        httpVersion=response["version"],
        headers=_records(response["headers"]),
        content=Content(size=len(raw), mimeType=kind, text=body, encoding=encoding),
        redirectURL=_header(response["headers"], "location"),
        bodySize=len(raw),
    )


def _body(message: Exchange) -> tuple[str, bytes]:
    """A body as it is stored, and its bytes."""
    if "base64" in message:
        return message["base64"], base64.b64decode(message["base64"])
    return message["text"], message["text"].encode()


def _records(pairs: Iterable[Sequence[Any]]) -> list[Record]:
    return [Record(name, value) for name, value in pairs]


def _header(headers: Iterable[Sequence[str]], wanted: str) -> str:
    return next((value for name, value in headers if name.lower() == wanted), "")
