"""SEND: bodies that are none, that lack a text, and that hold more than one."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import partial
from typing import Any

from conformance import evidence
from conformance.client import Answer, Participant, Sent, encode
from conformance.client import Shown as Message
from conformance.contract import Limits
from conformance.expect import holds
from conformance.plugin import requirement
from conformance.suite.stage import Judge, Stage
from conformance.suite.texts import listed, outcome
from conformance.values import brief, equivalent

UNREADABLE = {
    "a body that breaks off in a string": b'{"message": "cut sh',
    "a body that breaks off after a string": b'{"message": "cut short"',
    "a body that breaks off before a value": b'{"message": ',
    "XML": b"<message>hello</message>",
    "plain words": b"just some plain words",
    "a form": b"message=hello&other=1",
    "a body with a closing brace too many inside": b'{"message": "a"}, "b"}',
}
"""None of these is JSON, JSON5, HJSON or a stream of JSON values."""


@requirement("SEND-8")
def test_a_body_that_is_no_json_is_refused(stage: Stage, alice: Participant) -> None:
    answers = {what: partial(alice.send_body, body) for what, body in UNREADABLE.items()}
    stage.unmoved_by([(send, turned_down(what)) for what, send in answers.items()])


def turned_down(what: str) -> Judge:
    """Refused; what is accepted all the same may be listed."""

    def judge(answer: Answer) -> bool:
        status = answer.exchange.outcome()
        summary = f"{what} was not refused"
        return holds(answer.refused, summary, expected="a 4xx status", actual=status, on=answer)

    return judge


NO_STRINGS: dict[str, Any] = {
    "a whole number": 12345,
    "a number beyond 64 bits": 2**64,
    "true": True,
    "false": False,
    "an empty array": [],
    "an array of strings": ["a", "b"],
    "an object": {"text": "a"},
}


@requirement("SEND-9", "SEND-8")
def test_a_message_that_is_no_string_is_refused(stage: Stage, alice: Participant) -> None:
    """Where it is accepted all the same, it is shown as a string (SEND-8)."""
    answers: list[Sent] = []

    def send(value: Any) -> Sent:
        answers.append(alice.send(value))
        return answers[-1]

    stage.unmoved_by(
        [
            (partial(send, value), turned_down(f"a message that is {what}"))
            for what, value in NO_STRINGS.items()
        ]
    )
    kept = [answer for answer in answers if answer.accepted]
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
    "a message of wide blanks": encode({"message": "\u3000\u00a0"}),
    "an empty body": b"",
    "a body that is null": b"null",
    "a body that is an array": b'["text"]',
    "a body that is a string": b'"text"',
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
)


@requirement("SEND-13")
def test_a_body_under_another_content_type_is_refused(stage: Stage, alice: Participant) -> None:
    """JSON under the name of something else, and a form that is one."""
    body = encode({"message": "JSON by another name"})
    tries = [(kind, body) for kind in OTHER_TYPES]
    tries.append(("application/x-www-form-urlencoded", b"message=a+form"))
    stage.unmoved_by(
        [
            (
                partial(alice.send_body, body, ("Content-Type", kind)),
                turned_down(f"a body declared as {kind.partition(';')[0]}"),
            )
            for kind, body in tries
        ]
    )


# -- more than a text ------------------------------------------------------------------------------

PAST = "2001-02-03T04:05:06.789Z"
CHOSEN = "00000000-1111-4222-8333-444455556666"
PAST_YEAR = 2001


Extra = dict[str, Any]


def chosen(limits: Limits, bob: str, chat: str, own: str) -> tuple[Extra, ...]:
    """What bodies may hold beside their text: as the list shows it, in other forms, by other names.

    Members of one body are told apart by what becomes of them.
    """
    names = limits.reactions
    held = [{"name": name, "count": 2, "users": [{"id": bob}]} for name in names]
    return (
        {
            "chatId": CHOSEN,
            "createdAt": PAST,
            "user": {"id": bob, "name": "Somebody else"},
            "pinned": {"id": CHOSEN},
            "reactions": held,
        },
        {"chatId": chat, "user": bob, "pinned": True, "reactions": list(names)},
        {"chatId": own},
        {
            **dict.fromkeys(("id", "messageId", "_id"), CHOSEN),
            **dict.fromkeys(("userId", "senderId", "sender", "authorId"), bob),
            **dict.fromkeys(("timestamp", "created_at", "sentAt"), PAST),
            **dict.fromkeys(("isPinned", "is_pinned", "pin"), True),
        },
    )


@dataclass(frozen=True)
class Try:
    """What was sent beside a text, and the answer."""

    extra: Extra
    answer: Sent

    def ignored(self, right: bool, name: str, effect: str, shown: Message | None = None) -> None:
        what = name if name in self.extra else "a field of another name"
        holds(
            right,
            f"{what} in the body {effect}",
            expected="ignored, or refused",
            actual=f"accepted with {brief(self.extra)}",
            on=(self.answer, shown.page) if shown else self.answer,
            at=shown.pointer() if shown else "",
        )

    def ignored_in_list(self, shown: Message, hers: str, his: str) -> None:
        """Where two people look the same (LIST-10), the sender cannot be told."""
        self.ignored(shown.user != his or hers == his, "user", "becomes the sender", shown)
        past = shown.instant.year <= PAST_YEAR
        self.ignored(not past, "createdAt", "becomes the message's time", shown)
        self.ignored(shown.pin is None, "pinned", "pins the message", shown)
        bare = not any(entry.get("count") or entry.get("users") for entry in shown.reactions)
        self.ignored(bare, "reactions", "adds reactions", shown)


def tried(alice: Participant, extra: Extra) -> list[Try]:
    """All members together; where that is refused, which may be for one of them, one by one."""
    together = Try(extra, alice.send("more than a text", **extra))
    if not together.answer.refused:
        return [together]
    alone = [{name: value} for name, value in extra.items()]
    return [together, *(Try(one, alice.send("more than a text", **one)) for one in alone)]


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
    tries = [one for extra in chosen(limits, his, other.id, own.id) for one in tried(alice, extra)]
    accepted = [one for one in tries if one.answer.accepted]
    for one in accepted:
        free = one.answer.id not in (CHOSEN, other.id, own.id)
        one.ignored(free, "chatId", "becomes the message's id")
        past = one.answer.instant.year <= PAST_YEAR
        one.ignored(not past, "createdAt", "becomes the message's time")
    found = listed(alice, [own, other, *(one.answer for one in accepted)])
    for one in accepted:
        if one.answer.id in found and one.answer.id not in (other.id, own.id):
            one.ignored_in_list(found[one.answer.id], hers, his)
    texts = ((own.id, "mine"), (other.id, "his"))
    intact = all(id not in found or equivalent(found[id].text, text) for id, text in texts)
    holds(
        intact,
        "a chatId in the body overwrites that message",
        expected="the message as it was",
        actual="another text" if not intact else "",
        on=tuple(one.answer for one in tries),
    )
