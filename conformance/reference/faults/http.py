"""Faults in the use of HTTP and JSON (HTTP-2 to HTTP-7)."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response

from conformance.contract import Operation
from conformance.model import Person, Step
from conformance.reference.parsing import Invalid
from conformance.reference.registry import fault
from conformance.reference.server import Route, Server

# -- bodies and their type -------------------------------------------------------------------------


@fault("http-sent-in-latin-1", "HTTP-2", "HTTP-3", "SEND-1", "SEND-2", "SEND-18")
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


@fault("http-invalid-in-single-quotes", "HTTP-2")
class InvalidInSingleQuotes(Server):
    """The answer to an invalid request is a printed dictionary declared as JSON."""

    def invalid(self, operation: Operation, problem: Invalid) -> Response:
        content = str({"status": problem.status, "title": str(problem)})
        return Response(content, problem.status, media_type="application/json")


# -- statuses and shapes of success ----------------------------------------------------------------


@fault("http-delete-accepted", "HTTP-3", "DEL-1", "DEL-2")
class DeleteAccepted(Server):
    """Deleting answers 202."""

    async def delete_chat(self, caller: Person, chat: str) -> Response:
        response = await super().delete_chat(caller, chat)
        return Response(status_code=202) if response.status_code < 300 else response


@fault("http-no-reactions-no-content", "HTTP-3", "RLIST-1")
class NoReactionsNoContent(Server):
    """A reactions list without entries answers 204, with no array."""

    async def list_reactions(self, caller: Person, request: Request) -> Response:
        response = await super().list_reactions(caller, request)
        return response if bytes(response.body) != b"[]" else Response(status_code=204)


@fault("http-repeated-reaction-null", "HTTP-3", "REACT-1")
class RepeatedReactionNull(Server):
    """A repeated reaction answers 200 with null for its id."""

    def set_up(self) -> None:
        self.told: set[str] = set()
        super().set_up()

    def answer(self, content: Any) -> Response:
        if isinstance(content, dict) and content.get("reactionId") in self.told:
            return super().answer({"reactionId": None})
        if isinstance(content, dict) and "reactionId" in content:
            self.told.add(content["reactionId"])
        return super().answer(content)


# -- methods and paths -----------------------------------------------------------------------------


@fault("http-wrong-method-unknown", "HTTP-4")
class WrongMethodUnknown(Server):
    """A method that the path lacks gets 404."""

    def route(self, request: Request) -> Route | Response:
        route = super().route(request)
        wrong = isinstance(route, Response) and route.status_code == 405
        return self.problem(404, "There is nothing at this path.") if wrong else route


@fault("http-no-allow", "HTTP-4")
class NoAllow(Server):
    """The 405 does not say what is allowed."""

    def route(self, request: Request) -> Route | Response:
        route = super().route(request)
        if isinstance(route, Response) and route.status_code == 405:
            del route.headers["allow"]
        return route


@fault("http-method-not-implemented", "HTTP-1", "HTTP-4")
class MethodNotImplemented(Server):
    """A method that the path lacks gets 501."""

    def route(self, request: Request) -> Route | Response:
        route = super().route(request)
        wrong = isinstance(route, Response) and route.status_code == 405
        return self.problem(501, "Not implemented.") if wrong else route


@fault("http-put-sends", "HTTP-4")
class PutSends(Server):
    """PUT does what POST does."""

    def route(self, request: Request) -> Route | Response:
        if request.method == "PUT":
            request.scope["method"] = "POST"
        return super().route(request)


@fault("http-patch-is-ignored", "HTTP-4")
class PatchIsIgnored(Server):
    """PATCH answers 200 and does nothing."""

    def route(self, request: Request) -> Route | Response:
        route = super().route(request)
        wrong = isinstance(route, Response) and route.status_code == 405
        return self.answer({}) if wrong and request.method == "PATCH" else route


@fault("http-unknown-path-is-page", "HTTP-5")
class UnknownPathIsPage(Server):
    """An unknown path answers 200 with the page of a web application."""

    def route(self, request: Request) -> Route | Response:
        route = super().route(request)
        unknown = isinstance(route, Response) and route.status_code == 404
        return HTMLResponse("<!doctype html><title>Chats</title>") if unknown else route


@fault("http-unknown-path-invalid", "HTTP-5")
class UnknownPathInvalid(Server):
    """An unknown path gets 400."""

    def route(self, request: Request) -> Route | Response:
        route = super().route(request)
        unknown = isinstance(route, Response) and route.status_code == 404
        return self.problem(400, "Bad request.") if unknown else route


@fault("http-path-by-prefix", "HTTP-5")
class PathByPrefix(Server):
    """Whatever follows the path of the list is ignored."""

    def path(self, request: Request) -> str:
        path, prefix = super().path(request), self.contract.operations["listChats"].path
        deep = path.startswith(prefix) and path.count("/") > prefix.count("/") + 3
        odd = path.startswith(prefix) and not path[len(prefix) :].startswith("/")
        return prefix if deep or odd else path


@fault("http-more-after-an-id", "HTTP-5")
class MoreAfterAnId(Server):
    """To delete a message, whatever follows its id in the path is ignored."""

    def path(self, request: Request) -> str:
        path, prefix = super().path(request), self.contract.operations["listChats"].path
        known = path.startswith((f"{prefix}/reactions", f"{prefix}/pins"))
        rest = path.removeprefix(prefix).split("/")
        odd = len(rest) > 2 and rest[2] not in ("reactions", "pins")
        deletes = request.method == "DELETE" and path.startswith(prefix)
        return f"{prefix}/{rest[1]}" if deletes and odd and not known else path


# -- what "no content" and errors hold -------------------------------------------------------------


@fault("http-delete-with-body", "HTTP-6")
class DeleteWithBody(Server):
    """A delete answers with an object that says so."""

    async def delete_chat(self, caller: Person, chat: str) -> Response:
        response = await super().delete_chat(caller, chat)
        return self.answer({"deleted": True}) if response.status_code == 204 else response


@fault("http-pin-with-body", "HTTP-6")
class PinWithBody(Server):
    """A pin answers with the pin."""

    async def pin_chat(self, caller: Person, chat: str) -> Response:
        response = await super().pin_chat(caller, chat)
        message = self.sessions[caller.session].find(chat)
        if response.status_code != 204 or message is None:
            return response
        return self.answer({"id": message.pin})


@fault("http-removals-say-ok", "HTTP-6")
class RemovalsSayOk(Server):
    """Taking back a reaction or a pin answers the word OK."""

    async def perform(self, caller: Person, route: Route, request: Request) -> Response:
        response = await super().perform(caller, route, request)
        removal = route.operation.id in ("removeReaction", "unpinChat")
        return PlainTextResponse("OK") if removal and response.status_code == 204 else response


@fault("http-trace-in-invalid", "HTTP-7")
class TraceInInvalid(Server):
    """The answer to an invalid request shows a stack trace."""

    def invalid(self, operation: Operation, problem: Invalid) -> Response:
        trace = (
            "Traceback (most recent call last):\n"
            '  File "/srv/chats/handlers.py", line 88, in handle\n'
            f"    return {operation.id}(request)\n"
            f"ValueError: {problem}"
        )
        return PlainTextResponse(trace, problem.status)


@fault("http-frames-in-forbidden", "HTTP-7")
class FramesInForbidden(Server):
    """The answer to a forbidden call shows where it was forbidden."""

    def refused(self, step: Step) -> Response:
        response = super().refused(step)
        if response.status_code != 403:
            return response
        frame = "at Chats.Api.Guards.Demand(User user) in C:\\build\\src\\Guards.cs:line 41"
        return self.problem(403, f"System.UnauthorizedAccessException: host only\n   {frame}")


@fault("http-path-in-wrong-method", "HTTP-7")
class PathInWrongMethod(Server):
    """The answer to a wrong method names a file of the server."""

    def route(self, request: Request) -> Route | Response:
        route = super().route(request)
        if not isinstance(route, Response) or route.status_code != 405:
            return route
        allowed = {"Allow": route.headers["allow"]}
        return self.problem(405, "No handler in /usr/src/app/dist/routes/chats.js:17:9", allowed)


@fault("list-tag-of-messages", "STATE-4")
class TagOfMessages(Server):
    """The list's entity tag says which messages it has, and nothing of pins and reactions."""

    async def list_chats(self, caller: Person, request: Request) -> Response:
        response = await super().list_chats(caller, request)
        shown = [one["chatId"] for one in json.loads(bytes(response.body))["messages"]]
        tag = f'"{hashlib.sha256(json.dumps(shown).encode()).hexdigest()[:16]}"'
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers={"ETag": tag})
        response.headers["ETag"] = tag
        return response
