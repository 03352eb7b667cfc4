"""The reference server: an HTTP face over the model, correct to every MUST and SHOULD.

Every decision is a small method of its own, so that a fault or a conforming variant is a subclass
that overrides one of them (see ``faults`` and ``variants``).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from conformance.contract import Contract, Operation
from conformance.model import (
    Fresh,
    Message,
    Model,
    Page,
    Person,
    Query,
    Reaction,
    Refusal,
    Session,
    Step,
)
from conformance.reference import parsing
from conformance.reference.parsing import Invalid
from conformance.reference.roster import Roster

STATUS = {
    Refusal.INVALID: 400,
    Refusal.FORBIDDEN: 403,
    Refusal.UNKNOWN: 404,
    Refusal.CONFLICT: 409,
}


class Route(NamedTuple):
    """The operation that a request asks for, with the ids of its path."""

    operation: Operation
    ids: dict[str, str]


class Server(Model):
    """An ASGI application that holds its sessions in memory."""

    def __init__(self, contract: Contract, roster: Roster) -> None:
        super().__init__(contract.limits)
        self.contract = contract
        self.people = roster.people
        self.sessions = {name: Session() for name in roster.sessions}
        self.last = datetime.now(UTC)
        self.set_up()

    def set_up(self) -> None:
        """For subclasses that hold more than the sessions."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        response = await self.respond(request)
        await response(scope, receive, send)

    # -- from request to operation ---------------------------------------------------------------

    async def respond(self, request: Request) -> Response:
        caller = self.authenticate(request)
        if caller is None:
            return self.challenge()
        route = self.route(request)
        if isinstance(route, Response):
            return route
        try:
            return await self.perform(caller, route, request)
        except Invalid as problem:
            return self.invalid(route.operation, problem)

    async def perform(self, caller: Person, route: Route, request: Request) -> Response:
        match route.operation.id:
            case "listChats":
                return await self.list_chats(caller, request)
            case "sendChat":
                return await self.send_chat(caller, request)
            case "deleteChat":
                return await self.delete_chat(caller, route.ids["chatId"])
            case "addReaction":
                return await self.add_reaction(caller, route.ids["chatId"], request)
            case "listReactions":
                return await self.list_reactions(caller, request)
            case "removeReaction":
                return await self.remove_reaction(
                    caller, route.ids["chatId"], route.ids["reactionId"]
                )
            case "pinChat":
                return await self.pin_chat(caller, route.ids["chatId"])
            case _:
                return await self.unpin_chat(caller, route.ids["chatId"], route.ids["pinId"])

    def authenticate(self, request: Request) -> Person | None:
        """The person behind the bearer token (RFC 6750, section 2.1), if it is one of ours."""
        scheme, _, token = self.authorization(request).partition(" ")
        if scheme.lower() != "bearer":
            return None
        return self.person(token.strip(" "))

    def authorization(self, request: Request) -> str:
        return request.headers.get("authorization", "")

    def person(self, token: str) -> Person | None:
        return self.people.get(token)

    def route(self, request: Request) -> Route | Response:
        """The operation asked for; 404 for an unknown path, 405 for a method that it lacks."""
        path = self.path(request)
        found = [
            Route(operation, ids)
            for operation in self.contract.operations.values()
            if (ids := parsing.match(operation.path, path)) is not None
        ]
        if not found:
            return self.problem(404, "There is nothing at this path.")
        for route in sorted(found, key=lambda route: len(route.ids)):
            if route.operation.method == request.method:
                return route
        allowed = ", ".join(dict.fromkeys(route.operation.method for route in found))
        return self.problem(405, "This path has no such method.", {"Allow": allowed})

    def path(self, request: Request) -> str:
        """The path as it was sent: decoding it first would make ``%2F`` a border of segments."""
        raw: bytes = request.scope.get("raw_path") or request.url.path.encode()
        return raw.partition(b"?")[0].decode("latin-1")

    # -- the eight operations --------------------------------------------------------------------

    async def list_chats(self, caller: Person, request: Request) -> Response:
        query = self.query(request)
        page = self.page_for(caller, await self.read(caller), query)
        return self.answer(
            {
                "totalCount": page.total,
                "messages": [self.shown(message, caller) for message in page.messages],
            }
        )

    async def send_chat(self, caller: Person, request: Request) -> Response:
        text = self.text(await self.body(request))
        fresh = self.fresh()
        step = await self.change(caller, lambda session: self.send(session, caller, text, fresh))
        if step.refusal or step.id is None:
            return self.refused(step)
        message = step.session.find(step.id)
        return self.answer(self.acknowledged(message or Message(step.id, text, fresh.now, caller)))

    async def delete_chat(self, caller: Person, chat: str) -> Response:
        step = await self.change(caller, lambda session: self.delete(session, caller, chat))
        return self.refused(step) if step.refusal else self.no_content()

    async def add_reaction(self, caller: Person, chat: str, request: Request) -> Response:
        name = self.reaction_name(await self.body(request))
        fresh = self.fresh()
        step = await self.change(
            caller, lambda session: self.react(session, caller, chat, name, fresh)
        )
        return self.refused(step) if step.refusal else self.answer({"reactionId": step.id})

    async def list_reactions(self, caller: Person, request: Request) -> Response:
        chats = self.asked_for(request)
        held = self.reactions_for(caller, await self.read(caller), chats)
        return self.answer([self.listed(message, reaction) for message, reaction in held])

    async def remove_reaction(self, caller: Person, chat: str, reaction: str) -> Response:
        step = await self.change(
            caller, lambda session: self.unreact(session, caller, chat, reaction)
        )
        return self.refused(step) if step.refusal else self.no_content()

    async def pin_chat(self, caller: Person, chat: str) -> Response:
        fresh = self.fresh()
        step = await self.change(caller, lambda session: self.pin(session, caller, chat, fresh))
        return self.refused(step) if step.refusal else self.no_content()

    async def unpin_chat(self, caller: Person, chat: str, pin: str) -> Response:
        step = await self.change(caller, lambda session: self.unpin(session, caller, chat, pin))
        return self.refused(step) if step.refusal else self.no_content()

    # -- what is held ----------------------------------------------------------------------------

    async def read(self, caller: Person) -> Session:
        return self.sessions[caller.session]

    def page_for(self, caller: Person, session: Session, query: Query) -> Page:
        return self.page(session, query)

    def reactions_for(
        self, caller: Person, session: Session, chats: Iterable[str]
    ) -> tuple[tuple[Message, Reaction], ...]:
        return self.reactions(session, chats)

    async def change(self, caller: Person, call: Callable[[Session], Step]) -> Step:
        """Do a call as one step: nothing else runs between its reading and its writing."""
        step = call(self.sessions[caller.session])
        self.store(caller, step.session)
        return step

    def store(self, caller: Person, session: Session) -> None:
        self.sessions[caller.session] = session

    def fresh(self) -> Fresh:
        return Fresh(self.new_id(), self.now())

    def new_id(self) -> str:
        return str(uuid.uuid4())

    def now(self) -> datetime:
        """The time, never earlier than the last one given."""
        self.last = max(self.last, self.clock())
        return self.last

    def clock(self) -> datetime:
        return datetime.now(UTC)

    # -- reading requests ------------------------------------------------------------------------

    def query(self, request: Request) -> Query:
        """The list's parameters within the document's bounds (LIST-4, LIST-6, LIST-9)."""
        given = request.query_params
        return Query(
            skip=self.skip(given.get("Skip")),
            take=self.take(given.get("Take")),
            sort=self.sort_by(given.get("SortBy")),
            ascending=self.ascending(given.get("Ascending")),
        )

    def skip(self, raw: str | None) -> int:
        return parsing.integer(raw, self.limits.skip_default, low=0)

    def take(self, raw: str | None) -> int:
        limits = self.limits
        return parsing.integer(raw, limits.page_default, low=limits.page_min, high=limits.page_size)

    def sort_by(self, raw: str | None) -> str:
        return parsing.choice(raw, self.limits.sort_keys, self.limits.sort_default)

    def ascending(self, raw: str | None) -> bool:
        return parsing.boolean(raw, self.limits.ascending_default)

    def asked_for(self, request: Request) -> list[str]:
        return request.query_params.getlist("chatId")

    async def body(self, request: Request) -> Any:
        parsing.require_json(self.content_type(request))
        return self.decode(await request.body())

    def content_type(self, request: Request) -> str | None:
        return request.headers.get("content-type")

    def decode(self, raw: bytes) -> Any:
        return parsing.decode(raw)

    def text(self, body: Any) -> str:
        return parsing.string(body, "message")

    def reaction_name(self, body: Any) -> str:
        return parsing.string(body, "reaction")

    # -- writing answers -------------------------------------------------------------------------

    def answer(self, content: Any) -> Response:
        return JSONResponse(content)

    def no_content(self) -> Response:
        return Response(status_code=204)

    def challenge(self) -> Response:
        headers = {"WWW-Authenticate": 'Bearer realm="chats"'}
        return self.problem(401, "A bearer token of a participant is needed.", headers)

    def invalid(self, operation: Operation, problem: Invalid) -> Response:
        return self.problem(problem.status, str(problem))

    def refused(self, step: Step) -> Response:
        reason = step.refusal or Refusal.INVALID
        return self.problem(STATUS[reason], f"The call was refused: {reason}.")

    def problem(self, status: int, title: str, headers: dict[str, str] | None = None) -> Response:
        content = {"status": status, "title": title}
        return JSONResponse(content, status, headers, media_type="application/problem+json")

    def instant(self, created: datetime) -> str:
        return created.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def acknowledged(self, message: Message) -> dict[str, Any]:
        """A message as the answer to its sending shows it."""
        return self.sent(message)

    def sent(self, message: Message) -> dict[str, Any]:
        return {
            "chatId": message.id,
            "message": message.text,
            "createdAt": self.instant(message.created),
        }

    def shown(self, message: Message, viewer: Person) -> dict[str, Any]:
        """A message as the list shows it to ``viewer``."""
        return {
            **self.sent(message),
            "user": {"id": message.sender.id, "name": message.sender.name},
            "pinned": self.shown_pin(message),
            "reactions": self.shown_reactions(message),
        }

    def shown_pin(self, message: Message) -> dict[str, Any] | None:
        return {"id": message.pin} if message.pin else None

    def shown_reactions(self, message: Message) -> list[dict[str, Any]]:
        return [
            self.shown_reaction(name, held)
            for name in self.limits.reactions
            if (held := [one for one in message.reactions if one.name == name])
        ]

    def shown_reaction(self, name: str, held: list[Reaction]) -> dict[str, Any]:
        users = [{"id": reaction.by} for reaction in held]
        return {"name": name, "count": len(users), "users": users}

    def listed(self, message: Message, reaction: Reaction) -> dict[str, Any]:
        """A reaction as the reactions list shows it."""
        return {"chatId": message.id, "id": reaction.id, "reaction": reaction.name}
