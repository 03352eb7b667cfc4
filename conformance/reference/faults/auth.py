"""Faults in who may call at all (AUTH)."""

from __future__ import annotations

import base64
import binascii
import contextlib
import re
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from conformance.model import Person, Session
from conformance.reference.parsing import Invalid
from conformance.reference.registry import fault
from conformance.reference.server import Route, Server


class Trusting(Server):
    """Knows more ways to a caller than the bearer token."""

    def asked(self, request: Request) -> Route | None:
        route = self.route(request)
        return route if isinstance(route, Route) else None

    def host_at(self, route: Route) -> Person:
        """The host of the session that holds the message asked for, else of the first session."""
        hosts = {person.session: person for person in self.people.values() if person.host}
        chat = route.ids.get("chatId", "")
        held = (name for name, session in self.sessions.items() if session.find(chat))
        return hosts[next(held, next(iter(hosts)))]


# -- no credentials --------------------------------------------------------------------------------


@fault("auth-list-is-public", "AUTH-1", "AUTH-7")
class ListIsPublic(Trusting):
    """The message list answers callers without any credentials."""

    def authenticate(self, request: Request) -> Person | None:
        route = self.asked(request)
        if route and route.operation.id == "listChats" and not self.authorization(request):
            return self.host_at(route)
        return super().authenticate(request)


@fault("auth-reactions-list-is-public", "AUTH-1", "AUTH-7")
class ReactionsListIsPublic(Trusting):
    """The reactions list was left out of the authenticated routes."""

    def authenticate(self, request: Request) -> Person | None:
        route = self.asked(request)
        if route and route.operation.id == "listReactions" and not self.authorization(request):
            return self.host_at(route)
        return super().authenticate(request)


@fault("auth-unpin-without-credentials", "AUTH-1", "AUTH-7")
class UnpinWithoutCredentials(Trusting):
    """Without credentials an unpin runs as the service's own account."""

    def authenticate(self, request: Request) -> Person | None:
        route = self.asked(request)
        if route and route.operation.id == "unpinChat" and not self.authorization(request):
            return self.host_at(route)
        return super().authenticate(request)


@fault("auth-by-connection", "AUTH-1", "AUTH-7")
class ByConnection(Server):
    """Who called last on a connection stands for later calls on it without credentials."""

    def set_up(self) -> None:
        self.callers: dict[Any, Person] = {}
        super().set_up()

    def authenticate(self, request: Request) -> Person | None:
        caller = super().authenticate(request)
        if caller:
            self.callers[request.client] = caller
        elif not self.authorization(request):
            caller = self.callers.get(request.client)
        return caller


# -- unknown, empty and malformed tokens -----------------------------------------------------------


@fault("auth-unknown-token-reads", "AUTH-2")
class UnknownTokenReads(Trusting):
    """Reads take any bearer token: its signature is checked on writes only."""

    def authenticate(self, request: Request) -> Person | None:
        caller, route = super().authenticate(request), self.asked(request)
        bearer = self.authorization(request).lower().startswith("bearer ")
        if caller is None and bearer and route and route.operation.method == "GET":
            return self.host_at(route)
        return caller


@fault("auth-token-prefix", "AUTH-2")
class TokenPrefix(Server):
    """Whatever follows a valid token is cut off before the look-up."""

    def person(self, token: str) -> Person | None:
        cut = (known for known in self.people if token.startswith(known))
        return super().person(next(cut, token))


@fault("auth-token-ending", "AUTH-2")
class TokenEnding(Server):
    """What ends in a valid token is one: the look-up takes the end of the header."""

    def person(self, token: str) -> Person | None:
        ends = (known for known in self.people if token.endswith(known))
        return super().person(next(ends, token))


@fault("auth-token-first-word", "AUTH-2")
class TokenFirstWord(Server):
    """Words after the token are overlooked."""

    def person(self, token: str) -> Person | None:
        return super().person(token.partition(" ")[0])


@fault("auth-token-to-comma", "AUTH-2")
class TokenToComma(Server):
    """The header is taken for a list, of which the first entry counts."""

    def person(self, token: str) -> Person | None:
        return super().person(token.partition(",")[0])


@fault("auth-token-compared-in-part", "AUTH-2")
class TokenComparedInPart(Server):
    """Tokens are compared by their length and their first ten characters."""

    def person(self, token: str) -> Person | None:
        alike = (
            known
            for known in self.people
            if len(known) == len(token) and known.startswith(token[:10])
        )
        return super().person(next(alike, token))


@fault("auth-token-glued", "AUTH-2")
class TokenGlued(Server):
    """The token is what follows the first six characters."""

    def authorization(self, request: Request) -> str:
        given = super().authorization(request)
        glued = given.lower().startswith("bearer") and " " not in given
        return f"Bearer {given[6:]}" if glued else given


@fault("auth-token-in-any-case", "AUTH-2")
class TokenInAnyCase(Server):
    """Tokens are compared under a case-insensitive collation."""

    def person(self, token: str) -> Person | None:
        same = (known for known in self.people if known.lower() == token.lower())
        return super().person(next(same, token))


@fault("auth-empty-token", "AUTH-2")
class EmptyToken(Server):
    """An empty bearer token is taken for the first participant."""

    def person(self, token: str) -> Person | None:
        return super().person(token) if token else next(iter(self.people.values()))


@fault("auth-token-of-every-object", "AUTH-2", "AUTH-5", "STATE-3")
class TokenOfEveryObject(Server):
    """Tokens are keys of a plain object of JavaScript, which has some of its own."""

    def person(self, token: str) -> Person | None:
        inherited = ("constructor", "toString", "hasOwnProperty", "__proto__", "valueOf")
        nobody = Person("undefined", "undefined", "undefined")
        if token in inherited:
            self.sessions.setdefault(nobody.session, Session())
        return nobody if token in inherited else super().person(token)


@fault("auth-token-pattern", "AUTH-2")
class TokenPattern(Server):
    """Tokens are looked up with LIKE, so that a percent sign stands for anybody's."""

    def person(self, token: str) -> Person | None:
        start, wildcard, _ = token.partition("%")
        like = (known for known in self.people if wildcard and known.startswith(start))
        return super().person(next(like, token))


# -- other schemes and places ----------------------------------------------------------------------


@fault("auth-any-scheme", "AUTH-3")
class AnyScheme(Server):
    """The scheme before the token is not looked at."""

    def authorization(self, request: Request) -> str:
        _, space, token = super().authorization(request).partition(" ")
        return f"Bearer{space}{token}"


@fault("auth-basic-password", "AUTH-3")
class BasicPassword(Server):
    """Basic credentials are accepted with the token as user or password."""

    def authorization(self, request: Request) -> str:
        given = super().authorization(request)
        scheme, _, encoded = given.partition(" ")
        if scheme.lower() != "basic":
            return given
        try:
            pair = base64.b64decode(encoded).decode("latin-1").split(":")
        except binascii.Error:
            return given
        return f"Bearer {next((part for part in pair if part in self.people), '')}"


@fault("auth-token-in-query", "AUTH-7")
class TokenInQuery(Server):
    """A token in the query string is accepted."""

    def authorization(self, request: Request) -> str:
        token = request.query_params.get("access_token") or request.query_params.get("token")
        return super().authorization(request) or (f"Bearer {token}" if token else "")


@fault("auth-bare-token", "AUTH-7")
class BareToken(Server):
    """A token without a scheme is accepted."""

    def authorization(self, request: Request) -> str:
        given = super().authorization(request)
        return given if " " in given else f"Bearer {given}"


@fault("auth-bare-token-on-writes", "AUTH-7")
class BareTokenOnWrites(Server):
    """Writes take a token without a scheme, after an older version of the API."""

    def authorization(self, request: Request) -> str:
        given = super().authorization(request)
        old = given and " " not in given and request.method != "GET"
        return f"Bearer {given}" if old else given


@fault("auth-scheme-by-case", "AUTH-6")
class SchemeByCase(Server):
    """The scheme has to be written "Bearer", capital and all."""

    def authenticate(self, request: Request) -> Person | None:
        exact = self.authorization(request).startswith("Bearer ")
        return super().authenticate(request) if exact else None


@fault("auth-scheme-capitals", "AUTH-6")
class SchemeCapitals(Server):
    """The scheme is known as "Bearer" and "bearer", not as "BEARER"."""

    def authenticate(self, request: Request) -> Person | None:
        shouted = self.authorization(request).startswith("BEARER")
        return None if shouted else super().authenticate(request)


# -- what a refusal does and says ------------------------------------------------------------------


@fault("auth-delete-before-check", "AUTH-5", "STATE-1")
class DeleteBeforeCheck(Trusting):
    """A delete is done before its credentials are refused."""

    async def respond(self, request: Request) -> Response:
        route = self.asked(request)
        if route and route.operation.id == "deleteChat" and not self.authenticate(request):
            await self.perform(self.host_at(route), route, request)
        return await super().respond(request)


@fault("auth-pin-before-check", "AUTH-5", "STATE-1")
class PinBeforeCheck(Trusting):
    """A pin with an unknown token is refused after it was done."""

    async def respond(self, request: Request) -> Response:
        route = self.asked(request)
        given = self.authorization(request)
        if route and route.operation.id == "pinChat" and given and not self.authenticate(request):
            await self.perform(self.host_at(route), route, request)
        return await super().respond(request)


@fault("auth-react-before-check", "AUTH-5", "STATE-1")
class ReactBeforeCheck(Trusting):
    """A reaction without credentials is refused after it was stored."""

    async def respond(self, request: Request) -> Response:
        route = self.asked(request)
        if route and route.operation.id == "addReaction" and not self.authenticate(request):
            with contextlib.suppress(Invalid):
                await self.perform(self.host_at(route), route, request)
        return await super().respond(request)


@fault("auth-forbidden-unchallenged", "AUTH-4")
class ForbiddenUnchallenged(Server):
    """Missing credentials get 403, with no challenge."""

    def challenge(self) -> Response:
        return self.problem(403, "Forbidden.")


@fault("auth-unchallenged", "AUTH-4")
class Unchallenged(Server):
    """The 401 has no WWW-Authenticate."""

    def challenge(self) -> Response:
        response = super().challenge()
        del response.headers["www-authenticate"]
        return response


@fault("auth-wrong-challenge", "AUTH-4")
class WrongChallenge(Server):
    """The 401 asks for Basic credentials."""

    def challenge(self) -> Response:
        response = super().challenge()
        response.headers["www-authenticate"] = 'Basic realm="chats"'
        return response


@fault("auth-refused-as-unknown", "AUTH-1", "AUTH-2")
class RefusedAsUnknown(Server):
    """Callers without credentials are told 404."""

    def challenge(self) -> Response:
        return self.problem(404, "There is nothing at this path.")


@fault("auth-redirect", "AUTH-1", "AUTH-2", "AUTH-3")
class RedirectToLogin(Server):
    """Callers without credentials are redirected to a login page."""

    def challenge(self) -> Response:
        return RedirectResponse("/login", 302)


@fault("auth-error-with-200", "AUTH-1", "AUTH-2", "AUTH-3", "AUTH-7", "HTTP-3", "HTTP-6")
class ErrorWith200(Server):
    """Refused credentials get 200 with an error in the body."""

    def challenge(self) -> Response:
        return JSONResponse({"error": "unauthorized"})


@fault("auth-malformed-unchallenged", "AUTH-4")
class MalformedUnchallenged(Server):
    """A malformed header gets 401 without a challenge."""

    async def respond(self, request: Request) -> Response:
        given = self.authorization(request)
        if given and not re.fullmatch(r"(?i)[a-z]+ +[!-~]+ *", given):
            return self.problem(401, "Credentials are malformed.")
        return await super().respond(request)
