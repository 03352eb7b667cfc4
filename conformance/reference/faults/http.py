"""Faults in the use of HTTP and JSON (HTTP-2 to HTTP-7)."""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from conformance.contract import Operation
from conformance.model import Message, Person, Reaction, Step
from conformance.reference.parsing import Invalid
from conformance.reference.registry import fault
from conformance.reference.server import Route, Server

# -- bodies and their type -------------------------------------------------------------------------


@fault("http-list-as-plain-text", "HTTP-2")
class ListAsPlainText(Server):
    """The message list is declared text/plain."""

    async def list_chats(self, caller: Person, request: Request) -> Response:
        response = await super().list_chats(caller, request)
        response.headers["content-type"] = "text/plain; charset=utf-8"
        return response


@fault("http-reactions-as-html", "HTTP-2")
class ReactionsAsHtml(Server):
    """The reactions list is declared text/html."""

    async def list_reactions(self, caller: Person, request: Request) -> Response:
        response = await super().list_reactions(caller, request)
        response.headers["content-type"] = "text/html; charset=utf-8"
        return response


@fault("http-answer-without-type", "HTTP-2")
class AnswerWithoutType(Server):
    """The answer to a reaction declares no content type."""

    async def add_reaction(self, caller: Person, chat: str, request: Request) -> Response:
        response = await super().add_reaction(caller, chat, request)
        if response.status_code == 200:
            del response.headers["content-type"]
        return response


@fault("http-sent-in-latin-1", "HTTP-2", "SEND-2", "SEND-18")
class SentInLatin1(Server):
    """The answer to a sent message is written in Latin-1."""

    async def send_chat(self, caller: Person, request: Request) -> Response:
        response = await super().send_chat(caller, request)
        latin = bytes(response.body).decode().encode("latin-1", "replace")
        return Response(latin, response.status_code, media_type="application/json")


@fault("http-sent-by-hand", "HTTP-2", "HTTP-3", "SEND-1", "SEND-2", "SEND-18")
class SentByHand(Server):
    """The answer to a sent message is JSON put together by hand: quotes are not escaped."""

    async def send_chat(self, caller: Person, request: Request) -> Response:
        response = await super().send_chat(caller, request)
        if response.status_code != 200:
            return response
        fields = json.loads(bytes(response.body)).items()
        written = ",".join(f'"{name}":"{value}"' for name, value in fields)
        return Response(f"{{{written}}}", media_type="application/json")


@fault("http-byte-order-mark", "HTTP-2")
class ByteOrderMark(Server):
    """JSON of the reactions list starts with a byte order mark."""

    async def list_reactions(self, caller: Person, request: Request) -> Response:
        response = await super().list_reactions(caller, request)
        marked = b"\xef\xbb\xbf" + bytes(response.body)
        return Response(marked, response.status_code, media_type="application/json")


@fault("http-error-no-json", "HTTP-2")
class ErrorNoJson(Server):
    """A refusal's body is declared JSON and is plain words."""

    def refused(self, step: Step) -> Response:
        status = super().refused(step).status_code
        return Response("The call was refused.", status, media_type="application/json")


@fault("http-invalid-in-single-quotes", "HTTP-2")
class InvalidInSingleQuotes(Server):
    """The answer to an invalid request is a printed dictionary declared as JSON."""

    def invalid(self, operation: Operation, problem: Invalid) -> Response:
        content = str({"status": problem.status, "title": str(problem)})
        return Response(content, problem.status, media_type="application/json")


# -- statuses and shapes of success ----------------------------------------------------------------


class OtherStatus(Server):
    """Answers one operation's success with another status."""

    operation = ""
    success = 200

    async def perform(self, caller: Person, route: Route, request: Request) -> Response:
        response = await super().perform(caller, route, request)
        if route.operation.id == self.operation and response.status_code < 300:
            response.status_code = self.success
        return response
