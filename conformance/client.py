"""People who call the API: its eight operations as verbs, each giving an answer to look at."""

from __future__ import annotations

import builtins
import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlencode

from conformance.answers import Answer, Done, Listed, Reacted, ReactionsListed, Sent, Shown, chat_id
from conformance.contract import Contract
from conformance.exchange import Exchange
from conformance.journal import Journal
from conformance.secret import Secret
from conformance.transport import Transport

__all__ = [
    "JSON",
    "Answer",
    "Done",
    "Listed",
    "Participant",
    "Reacted",
    "ReactionsListed",
    "Sent",
    "Shown",
    "chat_id",
    "encode",
]

JSON = ("Content-Type", "application/json")
Query = Sequence[tuple[str, str]]


class Participant:
    """One person of one session. Each verb is one request; none judges its answer."""

    def __init__(
        self,
        name: str,
        secret: Secret,
        transport: Transport,
        contract: Contract,
        journal: Journal,
        *,
        is_host: bool = False,
    ) -> None:
        self.name = name
        self.secret = secret
        self.transport = transport
        self.contract = contract
        self.journal = journal
        self.is_host = is_host

    def __repr__(self) -> str:
        return f"<{self.name}>"

    # -- the eight operations --------------------------------------------------------------------

    def send(self, text: Any, **extra: Any) -> Sent:
        """Send a message; ``extra`` goes into the body as it is."""
        return self.send_body(encode({"message": text, **extra}))

    def send_body(self, body: bytes, *headers: tuple[str, str]) -> Sent:
        """Send a body as it is, as JSON unless ``headers`` say otherwise."""
        entry = self.journal.about_to_send(self, body)
        sent = Sent(self._call("sendChat", body=body, headers=headers or (JSON,)))
        self.journal.sent(entry, sent)
        return sent

    def list(
        self,
        *,
        skip: Any = None,
        take: Any = None,
        sort: Any = None,
        ascending: Any = None,
    ) -> Listed:
        """A page of messages; what is ``None`` is left to the target's defaults."""
        given = {"Skip": skip, "Take": take, "SortBy": sort, "Ascending": ascending}
        listed = self.list_query(
            [(key, word(value)) for key, value in given.items() if value is not None]
        )
        if listed.refused and take is not None:
            listed.rule = "LIST-5"
        return listed

    def list_query(self, query: Query) -> Listed:
        return Listed(self._call("listChats", query=query))

    def walk(self, sort: str | None = None, ascending: bool | None = None) -> builtins.list[Shown]:
        """Every message, page by page, under one order.

        A page that is not full ends it, or one with nothing new: ``totalCount`` may be wrong.
        """
        size = self.contract.limits.page_size
        found: builtins.list[Shown] = []
        known: set[str] = set()
        while True:
            messages = self.list(
                skip=len(found), take=size, sort=sort, ascending=ascending
            ).messages
            found += messages
            new = {message.id for message in messages} - known
            if not new or len(messages) < size:
                return found
            known |= new

    def delete(self, chat: Sent | Shown | str) -> Done:
        id = chat_id(chat)
        done = Done(self._call("deleteChat", write=True, ids={"chatId": id}), "DEL-1")
        if done.accepted:
            self.journal.deleted(id)
        return done

    def react(self, chat: Sent | Shown | str, reaction: Any) -> Reacted:
        return self.react_body(chat, encode({"reaction": reaction}))

    def react_body(
        self, chat: Sent | Shown | str, body: bytes, *headers: tuple[str, str]
    ) -> Reacted:
        given = headers or (JSON,)
        ids = {"chatId": chat_id(chat)}
        return Reacted(self._call("addReaction", body=body, headers=given, write=True, ids=ids))

    def reactions(self, *chats: Sent | Shown | str) -> ReactionsListed:
        query = [("chatId", chat_id(chat)) for chat in chats]
        return ReactionsListed(self._call("listReactions", query=query))

    def unreact(self, chat: Sent | Shown | str, reaction: Reacted | str) -> Done:
        held = reaction if isinstance(reaction, str) else reaction.id
        ids = {"chatId": chat_id(chat), "reactionId": held}
        return Done(self._call("removeReaction", write=True, ids=ids), "UNREACT-1")

    def pin(self, chat: Sent | Shown | str) -> Done:
        """Pin a message, with neither a body nor a content type."""
        return Done(
            self._call("pinChat", body=b"", write=True, ids={"chatId": chat_id(chat)}), "PIN-1"
        )

    def unpin(self, chat: Sent | Shown | str, pin: str) -> Done:
        ids = {"chatId": chat_id(chat), "pinId": pin}
        return Done(self._call("unpinChat", write=True, ids=ids), "PIN-2")

    # -- anything else ---------------------------------------------------------------------------

    def call(
        self,
        method: str,
        path: str,
        *,
        operation: str = "",
        body: bytes | None = None,
        headers: Sequence[tuple[str, str]] = (),
        secret: Secret | None = None,
        scheme: str = "Bearer",
        anonymous: bool = False,
        actor: str = "",
        write: bool = True,
    ) -> Answer:
        """Any request at all, with this person's token unless told otherwise."""
        exchange = self.transport.send(
            method,
            path,
            actor=actor or self.name,
            operation=operation,
            headers=headers,
            secret=None if anonymous else secret or self.secret,
            scheme=scheme,
            body=body,
            write=write,
        )
        return Answer(exchange)

    def _call(
        self,
        operation_id: str,
        *,
        query: Query = (),
        body: bytes | None = None,
        headers: Sequence[tuple[str, str]] = (),
        write: bool | None = None,
        ids: Mapping[str, str] | None = None,
    ) -> Exchange:
        operation = self.contract.operations[operation_id]
        path = operation.url_path(**(ids or {}))
        if query:
            path += "?" + urlencode(query, quote_via=quote, safe="")
        return self.transport.send(
            operation.method,
            path,
            actor=self.name,
            operation=operation_id,
            headers=headers,
            secret=self.secret,
            body=body,
            write=operation.method != "GET" if write is None else write,
        )


def encode(body: Any) -> bytes:
    """``body`` as JSON in UTF-8; lone surrogates, which have no UTF-8 form, stay escaped."""
    try:
        return json.dumps(body, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(body).encode("ascii")


def word(value: Any) -> str:
    """A value as a query parameter has it: ``true`` and ``false`` in lower case."""
    return str(value).lower() if isinstance(value, bool) else str(value)
