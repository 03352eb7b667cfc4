"""Freedoms in how requests are read: gates, paths, methods, parameters and bodies."""

from __future__ import annotations

import json
import re
from typing import Any

from starlette.requests import Request
from starlette.responses import Response

from conformance.model import Person
from conformance.reference.parsing import Invalid
from conformance.reference.registry import variant
from conformance.reference.server import Route, Server

KNOWN_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT")

# -- gates, paths and methods ----------------------------------------------------------------------


@variant("gate-unauthorized")
class GateUnauthorized(Server):
    """Unknown paths and methods get 401 whoever calls."""

    def route(self, request: Request) -> Route | Response:
        route = super().route(request)
        return self.challenge() if isinstance(route, Response) else route


@variant("gate-forbidden")
class GateForbidden(Server):
    """Unknown paths and methods get 403 whoever calls."""

    def route(self, request: Request) -> Route | Response:
        route = super().route(request)
        if isinstance(route, Response):
            return self.problem(403, "This is not for you.")
        return route


@variant("path-before-credentials")
class PathBeforeCredentials(Server):
    """Unknown paths and methods are told before credentials are looked at."""

    async def respond(self, request: Request) -> Response:
        route = self.route(request)
        return route if isinstance(route, Response) else await super().respond(request)


class ReactionsPath(Server):
    """Knows that ``DELETE`` of the reactions list's path names no message."""

    def told(self) -> Response:
        return self.problem(404, "There is nothing to delete.")

    def route(self, request: Request) -> Route | Response:
        route = super().route(request)
        if isinstance(route, Response) or route.operation.id != "deleteChat":
            return route
        listing = self.contract.operations["listReactions"].path
        return self.told() if self.path(request) == listing else route


@variant("reactions-path-invalid")
class ReactionsPathInvalid(ReactionsPath):
    """Deleting /v1/chats/reactions gets 400."""

    def told(self) -> Response:
        return self.problem(400, "This is no message's id.")


@variant("reactions-path-not-allowed")
class ReactionsPathNotAllowed(ReactionsPath):
    """Deleting /v1/chats/reactions gets 405."""

    def told(self) -> Response:
        return self.problem(405, "The list cannot be deleted.", {"Allow": "GET"})


@variant("bodies-before-methods")
class BodiesBeforeMethods(Server):
    """Bodies are parsed before the method is looked at: those that cannot be get 415 or 400."""

    async def respond(self, request: Request) -> Response:
        body = await request.body()
        try:
            if body and not self.content_type(request):
                raise Invalid("The body has to be JSON.", status=415)
            if body:
                await self.body(request)
        except Invalid as problem:
            return self.problem(problem.status, str(problem))
        return await super().respond(request)


@variant("unknown-methods-501")
class UnknownMethods501(Server):
    """Methods that HTTP does not name get 501."""

    async def respond(self, request: Request) -> Response:
        if request.method not in KNOWN_METHODS:
            return self.problem(501, "There is no such method.")
        return await super().respond(request)


@variant("head-and-options-answered")
class HeadAndOptionsAnswered(Server):
    """HEAD and OPTIONS are answered on any path, whoever calls."""

    async def respond(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return Response(status_code=204, headers={"Allow": "GET, POST, DELETE, OPTIONS"})
        if request.method == "HEAD":
            return Response(status_code=200)
        return await super().respond(request)


@variant("head-and-options-forbidden")
class HeadAndOptionsForbidden(Server):
    """HEAD and OPTIONS get 403."""

    async def respond(self, request: Request) -> Response:
        if request.method in ("HEAD", "OPTIONS"):
            return self.problem(403, "This is not for you.")
        return await super().respond(request)


@variant("slashes-redirected")
class SlashesRedirected(Server):
    """A path with a slash too many is redirected with 308."""

    async def respond(self, request: Request) -> Response:
        path = super().path(request)
        plain = re.sub("/{2,}", "/", path).rstrip("/")
        if path in (plain, "/"):
            return await super().respond(request)
        query = f"?{request.url.query}" if request.url.query else ""
        return Response(status_code=308, headers={"Location": (plain or "/") + query})


@variant("slashes-normalised")
class SlashesNormalised(Server):
    """Slashes too many in a path are overlooked."""

    def path(self, request: Request) -> str:
        return re.sub("/{2,}", "/", super().path(request)).rstrip("/") or "/"


@variant("long-lines-414")
class LongLines414(Server):
    """A request line over 8,000 octets gets 414, before credentials are looked at."""

    async def respond(self, request: Request) -> Response:
        line = len(self.path(request)) + len(request.url.query) + len(request.method) + 12
        if line > 8000:
            return self.problem(414, "The address is too long.")
        return await super().respond(request)


# -- parameters ------------------------------------------------------------------------------------


@variant("numbers-floating")
class NumbersFloating(Server):
    """Numbers are floating-point, and good if they are whole ones then."""

    def whole(self, raw: str | None) -> str | None:
        if raw is None or not re.fullmatch(r"[0-9]+\.[0-9]+", raw):
            return raw
        number = float(raw)
        return str(int(number)) if number.is_integer() else raw

    def skip(self, raw: str | None) -> int:
        return super().skip(self.whole(raw))

    def take(self, raw: str | None) -> int:
        return super().take(self.whole(raw))


@variant("parameters-lenient")
class ParametersLenient(Server):
    """Plus signs, blanks around values and other letter cases of sort keys are taken."""

    def skip(self, raw: str | None) -> int:
        return super().skip(raw and raw.strip().removeprefix("+"))

    def take(self, raw: str | None) -> int:
        return super().take(raw and raw.strip().removeprefix("+"))

    def ascending(self, raw: str | None) -> bool:
        return super().ascending(raw and raw.strip())

    def sort_by(self, raw: str | None) -> str:
        keys = {key.lower(): key for key in self.limits.sort_keys}
        return super().sort_by(raw and keys.get(raw.strip().lower(), raw))


@variant("parameters-strict")
class ParametersStrict(Server):
    """TRUE and False are refused: only true and false are booleans."""

    def ascending(self, raw: str | None) -> bool:
        if raw and raw != raw.lower():
            raise Invalid("This parameter is true or false.")
        return super().ascending(raw)


@variant("parameters-unknown-refused")
class ParametersUnknownRefused(Server):
    """Query parameters that the operation does not have are refused."""

    async def perform(self, caller: Person, route: Route, request: Request) -> Response:
        if set(request.query_params) - set(route.operation.query_parameters):
            raise Invalid("There is no such parameter.")
        return await super().perform(caller, route, request)


# -- bodies ----------------------------------------------------------------------------------------


@variant("content-type-required")
class ContentTypeRequired(Server):
    """A JSON body without a content type is refused."""

    def content_type(self, request: Request) -> str | None:
        kind = super().content_type(request)
        if kind is None:
            raise Invalid("The body has to be declared JSON.", status=415)
        return kind


@variant("application-json-only")
class ApplicationJsonOnly(Server):
    """text/json and types that end in +json are refused with 415."""

    def content_type(self, request: Request) -> str | None:
        kind = super().content_type(request)
        if kind and kind.partition(";")[0].strip().lower() != "application/json":
            raise Invalid("The body has to be JSON.", status=415)
        return kind


@variant("extra-body-fields-refused")
class ExtraBodyFieldsRefused(Server):
    """A body with fields that nobody documented is refused."""

    def text(self, body: Any) -> str:
        self.only(body, "message")
        return super().text(body)

    def reaction_name(self, body: Any) -> str:
        self.only(body, "reaction")
        return super().reaction_name(body)

    def only(self, body: Any, name: str) -> None:
        if isinstance(body, dict) and set(body) - {name}:
            raise Invalid("The body has a field too many.")


@variant("encodings-detected")
class EncodingsDetected(Server):
    """Bodies in UTF-16, or with a byte order mark, are read."""

    def decode(self, raw: bytes) -> Any:
        try:
            return json.loads(raw)
        except (ValueError, RecursionError):
            return super().decode(raw)


@variant("large-bodies-413")
class LargeBodies413(Server):
    """A body over 8,192 octets is refused with 413."""

    def decode(self, raw: bytes) -> Any:
        if len(raw) > 8192:
            raise Invalid("The body is too large.", status=413)
        return super().decode(raw)
