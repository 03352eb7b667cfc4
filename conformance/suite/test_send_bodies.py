"""SEND: bodies that are none, that lack a text, and that hold more than one."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from conformance import evidence
from conformance.client import Answer, Participant, Sent, encode
from conformance.client import Shown as Message
from conformance.contract import Limits
from conformance.expect import holds, require_quiet, same
from conformance.plugin import requirement
from conformance.suite.texts import listed, outcome
from conformance.values import brief, equivalent
from conformance.views import View, look


def none_kept(viewer: Participant, before: View, answers: Iterable[Sent], rule: str) -> None:
    """Refused bodies leave nothing behind; what was accepted is another finding."""
    after = look(viewer)
    require_quiet(before, after)
    if all(answer.refused for answer in answers):
        same(before, after, rule=rule, what="a refused body left something behind")


UNREADABLE = {
    "a body that breaks off in a string": b'{"message": "cut sh',
    "a body that breaks off after a string": b'{"message": "cut short"',
    "a body that breaks off before a value": b'{"message": ',
    "a single brace": b"{",
    "XML": b"<message>hello</message>",
    "plain words": b"just some plain words",
    "a form": b"message=hello&other=1",
    "a body with a closing brace too many inside": b'{"message": "a"}, "b"}',
}
"""None of these is JSON, JSON5, HJSON or a stream of JSON values."""


@requirement("SEND-8")
def test_a_body_that_is_no_json_is_refused(alice: Participant) -> None:
    before, answers = look(alice), []
    for what, body in UNREADABLE.items():
        answer = alice.send_body(body)
        answers.append(answer)
        status = answer.exchange.outcome()
        summary = f"{what} was not refused"
        holds(answer.refused, summary, expected="a 4xx status", actual=status, on=answer)
    none_kept(alice, before, answers, "SEND-8")


NO_STRINGS: dict[str, Any] = {
    "a whole number": 12345,
    "a fraction": 1.5,
    "true": True,
    "false": False,
    "an empty array": [],
    "an array of strings": ["a", "b"],
    "an empty object": {},
    "an object": {"text": "a"},
}


@requirement("SEND-9", "SEND-8")
def test_a_message_that_is_no_string_is_refused(alice: Participant) -> None:
    """Where it is accepted all the same, it is shown as a string (SEND-8)."""
    before = look(alice)
    answers = {what: alice.send(value) for what, value in NO_STRINGS.items()}
    for what, answer in answers.items():
        status = answer.exchange.outcome()
        summary = f"a message that is {what} was not refused"
        holds(answer.refused, summary, expected="a 4xx status", actual=status, on=answer)
    none_kept(alice, before, answers.values(), "SEND-9")
    kept = [answer for answer in answers.values() if answer.accepted]
    stored = {answer.id: answer for answer in kept if identified(answer)}
    shown: list[tuple[Any, str, str, Answer]] = [
        (answer.text, "the answer", "/message", answer) for answer in stored.values()
    ]
    shown += [
        (message.text, "the list", message.pointer("message"), message.page)
        for message in (listed(alice, stored.values()).values() if stored else ())
    ]
    holds(True, "", rule="SEND-8")
    for text, where, at, page in shown:
        holds(
            isinstance(text, str),
            f"a message that is no string is shown as something else than a string in {where}",
            expected="a string",
            actual=json.dumps(text),
            on=page,
            at=at,
            rule="SEND-8",
        )


def identified(answer: Sent) -> bool:
    """Whether an accepted message says its id; if not, that is HTTP-3's finding."""
    try:
        body = answer.body()
    except evidence.Unmet:
        return False
    chat = body.get("chatId") if isinstance(body, dict) else None
    return isinstance(chat, str) and chat != ""


BLANK: dict[str, bytes] = {
    "a null message": b'{"message": null}',
    "an absent message": b"{}",
    "an empty message": b'{"message": ""}',
    "a message of blanks": b'{"message": "   "}',
    "a message of line breaks": rb'{"message": "\n\r\n\t"}',
    "a message of wide blanks": encode({"message": "\u3000\u00a0"}),
    "an empty body": b"",
    "a body that is null": b"null",
    "a body that is an array": b'["text"]',
    "a body that is a string": b'"text"',
    "a body that is a number": b"7",
}


@requirement("SEND-10", "SEND-4")
def test_a_message_without_text_is_refused_or_a_message_like_any_other(
    alice: Participant, bob: Participant
) -> None:
    """Where it is accepted it is stored, and everybody finds it."""
    answers = {what: alice.send_body(body) for what, body in BLANK.items()}
    for what, answer in answers.items():
        became = outcome(answer)
        evidence.current().observe(f"what {what} gets", became, answer.exchange, rule="SEND-10")
    stored = {answer.id: answer for answer in answers.values() if taken(answer)}
    holds(True, "", rule="SEND-4")
    for id, message in listed(bob, stored.values()).items() if stored else ():
        holds(
            blank_or_same(stored[id].text, message.text),
            "a message that was accepted without a text is listed with another one",
            expected=ascii(stored[id].text),
            actual=ascii(message.text),
            on=(stored[id], message.page),
            at=message.pointer("message"),
            rule="SEND-4",
        )


def taken(answer: Sent) -> bool:
    return answer.accepted and identified(answer)


def blank_or_same(one: Any, other: Any) -> bool:
    """Null and empty both say that there is no text."""
    return equivalent(one or "", other or "")


OTHER_TYPES = (
    "text/plain",
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=border",
    "application/xml",
    "text/html; charset=utf-8",
)


@requirement("SEND-13")
def test_a_body_under_another_content_type_is_refused(alice: Participant) -> None:
    """JSON under the name of something else, and a form that is one."""
    before = look(alice)
    body = encode({"message": "JSON by another name"})
    tries = [(kind, body) for kind in OTHER_TYPES]
    tries.append(("application/x-www-form-urlencoded", b"message=a+form"))
    answers = [alice.send_body(body, ("Content-Type", kind)) for kind, body in tries]
    for (kind, _), answer in zip(tries, answers, strict=True):
        status = answer.exchange.outcome()
        summary = f"a body declared as {kind.partition(';')[0]} was not refused"
        holds(answer.refused, summary, expected="a 4xx status", actual=status, on=answer)
    none_kept(alice, before, answers, "SEND-13")


# -- more than a text ------------------------------------------------------------------------------

PAST = "2001-02-03T04:05:06.789Z"
CHOSEN = "00000000-1111-4222-8333-444455556666"
PAST_YEAR = 2001


def chosen(limits: Limits, bob: str, chat: str) -> tuple[tuple[str, dict[str, Any]], ...]:
    """What a body may hold beside its text, one thing at a time."""
    names = limits.reactions
    held = [{"name": name, "count": 2, "users": [{"id": bob}]} for name in names]
    return (
        ("chatId", {"chatId": CHOSEN}),
        ("chatId", {"chatId": chat}),
        ("createdAt", {"createdAt": PAST}),
        ("user", {"user": {"id": bob, "name": "Somebody else"}}),
        ("user", {"user": bob}),
        ("pinned", {"pinned": {"id": CHOSEN}}),
        ("pinned", {"pinned": True}),
        ("reactions", {"reactions": held}),
        ("reactions", {"reactions": list(names)}),
        (
            "a field of another name",
            {
                **dict.fromkeys(("id", "messageId", "_id"), CHOSEN),
                **dict.fromkeys(("userId", "senderId", "sender", "authorId"), bob),
                **dict.fromkeys(("timestamp", "created_at", "sentAt"), PAST),
                **dict.fromkeys(("isPinned", "is_pinned", "pin"), True),
            },
        ),
    )


Try = tuple[str, dict[str, Any], Sent]
"""What was sent beside a text: in words, as it was, and the answer."""


@requirement("SEND-16")
def test_nobody_chooses_ids_times_senders_pins_or_reactions(
    alice: Participant, bob: Participant, limits: Limits
) -> None:
    """What a body holds beside its text is ignored, or the body is refused."""
    own, other = alice.send("mine"), bob.send("his")
    known = listed(alice, (own, other))
    if own.id not in known or other.id not in known:
        return
    hers, his = known[own.id].user, known[other.id].user
    extras = chosen(limits, his, other.id)
    tries = [(what, extra, alice.send("more than a text", **extra)) for what, extra in extras]
    accepted = [one for one in tries if one[2].accepted]
    for one in accepted:
        free = one[2].id not in (CHOSEN, other.id)
        ignored(free, "becomes the message's id", one)
        ignored(one[2].instant.year > PAST_YEAR, "becomes the message's time", one)
    found = listed(alice, [own, other, *(answer for _, _, answer in accepted)])
    for one in accepted:
        if one[2].id in found and one[2].id != other.id:
            ignored_in_list(found[one[2].id], hers, his, one)
    intact = other.id not in found or equivalent(found[other.id].text, "his")
    holds(
        intact,
        "a chatId in the body overwrites that message",
        expected="the message as it was",
        actual="another text" if not intact else "",
        on=tuple(answer for _, _, answer in tries),
    )


def ignored_in_list(shown: Message, hers: str, his: str, one: Try) -> None:
    """Where two people look the same (LIST-10), the sender cannot be told."""
    ignored(shown.user == hers or hers == his, "becomes the sender", one, shown)
    ignored(shown.instant.year > PAST_YEAR, "becomes the message's time", one, shown)
    ignored(shown.pin is None, "pins the message", one, shown)
    bare = not any(entry.get("count") or entry.get("users") for entry in shown.reactions)
    ignored(bare, "adds reactions", one, shown)


def ignored(right: bool, effect: str, one: Try, shown: Message | None = None) -> None:
    what, extra, answer = one
    holds(
        right,
        f"{what} in the body {effect}",
        expected="ignored, or refused",
        actual=f"accepted with {brief(extra)}",
        on=(answer, shown.page) if shown else answer,
        at=shown.pointer() if shown else "",
    )
