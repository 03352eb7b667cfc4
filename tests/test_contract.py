"""What a contract says of bodies, requests and paths."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.contract import Operation
from conformance.contract_file import load

CONTRACT = load()

CHAT: dict[str, Any] = {
    "chatId": "c1",
    "message": "hello",
    "createdAt": "2025-06-26T08:48:07.130Z",
    "user": {"id": "u1", "name": "Alice"},
    "pinned": {"id": "p1"},
    "reactions": [{"name": ":thumbs_up:", "count": 1, "users": [{"id": "u2"}]}],
}
SENT: dict[str, Any] = {key: CHAT[key] for key in ("chatId", "message", "createdAt")}
REACTION: dict[str, Any] = {"chatId": "c1", "id": "r1", "reaction": ":thumbs_up:"}


def page(**changes: Any) -> dict[str, Any]:
    """A page of one message that differs so from a right one; `...` leaves a field out."""
    chat = {**CHAT, **changes}
    kept = {key: value for key, value in chat.items() if value is not ...}
    return {"totalCount": 1, "messages": [kept]}


class TestRightBodies:
    """Everything that a conforming target may answer has no schema error."""

    @pytest.mark.parametrize(
        "body",
        [
            page(),
            page(pinned=None),
            page(pinned=...),
            page(pinned={}),
            page(pinned={"id": None}),
            page(reactions=...),
            page(reactions=[]),
            page(reactions=[{"name": ":thumbsup:", "count": 0}]),
            page(reactions=[{"name": ":thumbsup:", "count": 0, "users": []}]),
            page(reactions=[{"name": ":thumbsup:", "count": 0, "users": None}]),
            page(user={"id": "u1", "name": None}),
            page(user={"id": "u1", "name": ""}),
            page(message=None),
            page(message=""),
            page(message="x" * 1000),
            page(message="a\ud800b"),
            page(**{"extra \ud800": 1}),
            page(extra={"deep": [1, 2.5, None]}),
            page(chatId="01J/ü ?#"),
            {"totalCount": 0, "messages": []},
            {"totalCount": 10**30, "messages": [CHAT] * 21, "next": None},
        ],
    )
    def test_pages(self, body: Any) -> None:
        assert CONTRACT.schema_errors("listChats", 200, body) == []

    @pytest.mark.parametrize(
        "stamp",
        [
            "2025-06-26T08:48:07Z",
            "2025-06-26T08:48:07.1Z",
            "2025-06-26T08:48:07.123456789Z",
            "2025-06-26T08:48:07.1234567+00:00",
            "2025-06-26T08:48:07-11:30",
            "2025-06-26t08:48:07z",
            "2024-02-29T23:59:59+14:00",
            "2016-12-31T23:59:60Z",
        ],
    )
    def test_instants(self, stamp: str) -> None:
        body = {**SENT, "createdAt": stamp}
        assert CONTRACT.schema_errors("sendChat", 200, body) == []
        assert CONTRACT.schema_errors("listChats", 200, page(createdAt=stamp)) == []

    @pytest.mark.parametrize(
        ("operation", "status", "body"),
        [
            ("sendChat", 200, SENT),
            ("sendChat", 200, {**SENT, "message": None}),
            ("sendChat", 200, CHAT),
            ("sendChat", 404, {"error": "none"}),
            ("addReaction", 200, {"reactionId": "r1"}),
            ("listReactions", 200, []),
            ("listReactions", 200, [REACTION, {**REACTION, "reaction": ":thumbsup:", "by": 1}]),
            ("deleteChat", 200, None),
            ("deleteChat", 200, {"deleted": True}),
            ("pinChat", 204, None),
            ("unpinChat", 499, "plain"),
        ],
    )
    def test_other_answers(self, operation: str, status: int, body: Any) -> None:
        assert CONTRACT.schema_errors(operation, status, body) == []


class TestWrongBodies:
    @pytest.mark.parametrize(
        ("body", "pointer", "message"),
        [
            (None, "", "is null, not object"),
            ([], "", "is array, not object"),
            ({"messages": []}, "", "lacks 'totalCount'"),
            ({"totalCount": 0}, "", "lacks 'messages'"),
            ({"totalCount": -1, "messages": []}, "/totalCount", "less than the minimum"),
            ({"totalCount": "1", "messages": []}, "/totalCount", "is string, not integer"),
            ({"totalCount": True, "messages": []}, "/totalCount", "is boolean, not integer"),
            ({"totalCount": 1.5, "messages": []}, "/totalCount", "is number, not integer"),
            ({"totalCount": 0, "messages": None}, "/messages", "is null, not array"),
            (page(chatId=...), "/messages/0", "lacks 'chatId'"),
            (page(chatId=""), "/messages/0/chatId", "shorter than 1"),
            (page(chatId=7), "/messages/0/chatId", "is number, not string"),
            (page(message=...), "/messages/0", "lacks 'message'"),
            (page(message=5), "/messages/0/message", "is number, not null or string"),
            (page(user=...), "/messages/0", "lacks 'user'"),
            (page(user=None), "/messages/0/user", "is null, not object"),
            (page(user={"id": "u1"}), "/messages/0/user", "lacks 'name'"),
            (page(user={"id": "", "name": "A"}), "/messages/0/user/id", "shorter"),
            (page(pinned=True), "/messages/0/pinned", "is boolean, not null or object"),
            (page(pinned={"id": 1}), "/messages/0/pinned/id", "is number"),
            (page(reactions=None), "/messages/0/reactions", "is null, not array"),
            (page(reactions=[{"count": 1}]), "/messages/0/reactions/0", "lacks 'name'"),
            (page(reactions=[{"name": "a"}]), "/messages/0/reactions/0", "lacks 'count'"),
            (
                page(reactions=[{"name": "", "count": 1}]),
                "/messages/0/reactions/0/name",
                "shorter",
            ),
            (
                page(reactions=[{"name": "a", "count": -1}]),
                "/messages/0/reactions/0/count",
                "less than",
            ),
            (
                page(reactions=[{"name": "a", "count": 1, "users": [{}]}]),
                "/messages/0/reactions/0/users/0",
                "lacks 'id'",
            ),
            (page(chatId=7, message="\ud800"), "/messages/0/chatId", "is number"),
            (page(chatId=..., message="\ud800"), "/messages/0", "lacks 'chatId'"),
            (page(user="\ud800"), "/messages/0/user", "is string, not object"),
        ],
    )
    def test_pages(self, body: Any, pointer: str, message: str) -> None:
        (error,) = CONTRACT.schema_errors("listChats", 200, body)
        assert error.pointer == pointer
        assert message in error.message
        assert error.schema_pointer.startswith("#/")

    @pytest.mark.parametrize(
        "stamp",
        [
            "",
            "2025-06-26",
            "2025-06-26T08:48:07",
            "2025-06-26 08:48:07Z",
            "2025-06-26T08:48Z",
            "2025-06-26T08:48:07.Z",
            "2025-06-26T08:48:07,5Z",
            "2025-06-26T08:48:07+0000",
            "2025-06-26T24:00:00Z",
            "2025-02-29T08:48:07Z",
            "2025-06-26T08:48:07Z\n",
            "Thu, 26 Jun 2025 08:48:07 GMT",
            1750927687,
            None,
        ],
    )
    def test_instants(self, stamp: Any) -> None:
        (error,) = CONTRACT.schema_errors("sendChat", 200, {**SENT, "createdAt": stamp})
        assert error.pointer == "/createdAt"

    @pytest.mark.parametrize(
        ("operation", "status", "body", "pointer"),
        [
            ("sendChat", 200, {**SENT, "chatId": ""}, "/chatId"),
            ("sendChat", 200, {"chatId": "c1", "message": "a"}, ""),
            ("addReaction", 200, {}, ""),
            ("addReaction", 200, {"reactionId": None}, "/reactionId"),
            ("listReactions", 200, {"reactions": []}, ""),
            ("listReactions", 200, [REACTION, {**REACTION, "id": 1}], "/1/id"),
            ("listReactions", 200, [{**REACTION, "reaction": None}], "/0/reaction"),
            ("sendChat", 201, SENT, ""),
            ("listChats", 302, None, ""),
            ("listChats", 500, None, ""),
        ],
    )
    def test_other_answers(self, operation: str, status: int, body: Any, pointer: str) -> None:
        (error,) = CONTRACT.schema_errors(operation, status, body)
        assert error.pointer == pointer

    def test_every_departure_is_reported(self) -> None:
        body = page(chatId="", createdAt="now", pinned=1)
        assert len(CONTRACT.schema_errors("listChats", 200, body)) == 3

    def test_a_message_never_quotes_the_body(self) -> None:
        secret = "secret " * 1000
        for error in CONTRACT.schema_errors("listChats", 200, page(user=secret, createdAt=secret)):
            assert "secret" not in error.message
            assert len(error.message) < 100

    def test_a_body_too_deep_to_check_is_an_error_of_the_body(self) -> None:
        deep: list[Any] = []
        for _ in range(500):
            deep = [deep]
        (error,) = CONTRACT.schema_errors("listChats", 200, page(message=deep))
        assert error.message.startswith("cannot be checked")


class TestRequests:
    @pytest.mark.parametrize(
        ("operation", "body", "right"),
        [
            ("sendChat", {"message": "x" * 280}, True),
            ("sendChat", {"message": "x" * 281}, False),
            ("sendChat", {"message": None}, True),
            ("sendChat", {}, True),
            ("sendChat", {"message": 5}, False),
            ("sendChat", [], False),
            ("addReaction", {"reaction": ":thumbs_down:"}, True),
            ("addReaction", {"reaction": None}, True),
            ("addReaction", {"reaction": ":heart:"}, False),
            ("addReaction", {"reaction": ":thumbsup:"}, False),
            ("pinChat", {"anything": 1}, True),
        ],
    )
    def test_bodies(self, operation: str, body: Any, right: bool) -> None:
        assert (CONTRACT.request_schema_errors(operation, body) == []) is right


class TestPaths:
    @pytest.mark.parametrize(
        ("chat_id", "segment"),
        [
            ("a-b_c.d~9", "a-b_c.d~9"),
            ("a/b", "a%2Fb"),
            ("100%?#&+ ", "100%25%3F%23%26%2B%20"),
            ("é😀", "%C3%A9%F0%9F%98%80"),
            (".", "%2E"),
            ("..", "%2E%2E"),
            ("...", "..."),
            ("{pinId}", "%7BpinId%7D"),
            ("\ud800", "%ED%A0%80"),
        ],
    )
    def test_an_id_is_one_segment(self, chat_id: str, segment: str) -> None:
        path = CONTRACT.operations["deleteChat"].url_path(chatId=chat_id)
        assert path == f"/v1/chats/{segment}"

    def test_several_ids(self) -> None:
        unpin = CONTRACT.operations["unpinChat"]
        assert unpin.url_path(chatId="{pinId}", pinId="p") == "/v1/chats/%7BpinId%7D/pins/p"

    @pytest.mark.parametrize("ids", [{}, {"chatId": "a", "pinId": "b"}, {"pinId": "b"}])
    def test_other_ids_than_the_path_has_are_a_mistake(self, ids: dict[str, str]) -> None:
        delete: Operation = CONTRACT.operations["deleteChat"]
        with pytest.raises(TypeError, match="deleteChat"):
            delete.url_path(**ids)
