"""SEND: what a sent message gets, and where it turns up."""

from __future__ import annotations

import itertools
import re
from datetime import datetime, timedelta

from conformance.client import Answer, Listed, Participant, Sent
from conformance.client import Shown as Message
from conformance.contract import Limits
from conformance.expect import accepted, holds
from conformance.plugin import requirement
from conformance.run import Run
from conformance.suite.texts import fitted, listed
from conformance.values import equivalent

People = tuple[Participant, ...]
SECOND = timedelta(seconds=1)
SEVERAL = 3


def complete(answer: Sent) -> bool:
    """SEND-1: 200, and an object with an id, the text and an instant."""
    if not accepted(answer, 200, rule="SEND-1"):
        return False
    _ = answer.id, answer.instant, answer.member("message", str)
    return True


@requirement("SEND-1")
def test_a_text_within_the_limit_is_sent(everyone: People) -> None:
    """Of one character, be it one that a server could take for nothing."""
    for number, text in enumerate(("x", "0", "語")):
        complete(everyone[number % len(everyone)].send(text))


@requirement("SEND-1", "SEND-2")
def test_the_body_may_be_written_in_any_way_that_json_allows(alice: Participant) -> None:
    """White space, escapes for any character, and a charset with the content type."""
    utf_8 = ("Content-Type", "application/json; charset=utf-8")
    written = (
        (rb'{"message":"\u0041\u00e9\u6f22\ud83d\ude00\/"}', "Aé漢😀/", ()),
        (b' \r\n\t{ "mess\\u0061ge" :\n "spaced" } \r\n', "spaced", ()),
        ('{"message":"Zoë 😀"}'.encode(), "Zoë 😀", (utf_8,)),
    )
    for body, text, headers in written:
        answer = alice.send_body(body, *headers)
        if complete(answer):
            holds(
                equivalent(answer.text, text),
                "a text is not read as JSON escapes have it",
                expected=ascii(text),
                actual=ascii(answer.text),
                on=answer,
                at="/message",
                rule="SEND-2",
            )


@requirement("SEND-3")
def test_every_message_has_an_id_of_its_own(everyone: People, run: Run) -> None:
    """Not even equal texts share one, nor is a deleted message's given again."""
    host, alice, bob = everyone
    sent = [person.send("the same text") for person in (alice, bob, alice)]
    accepted(alice.delete(sent[2]), rule="DEL-1")
    sent += [host.send("after a deletion"), alice.send("the same text")]
    known = run.home.journal.ids()
    ids = [chat.id for chat in sent]
    again = sorted({id for id in ids if ids.count(id) > 1})
    holds(
        not again,
        "a chatId was given to two messages",
        expected="a new id for each",
        actual=", ".join(again),
        on=tuple(sent),
    )
    if run.away:
        stranger = run.away.host
        other = stranger.send("in another session")
        theirs = run.away.journal.ids() | {other.id}
        both = theirs & (known | set(ids))
        holds(
            not both,
            "messages of two sessions share a chatId",
            expected="a new id for each",
            actual=", ".join(sorted(both)[:5]),
            on=(sent[-1], other),
        )


@requirement("SEND-4", "SEND-17")
def test_every_participant_finds_a_sent_message(everyone: People, limits: Limits) -> None:
    """In the list, once, with the id, text and time of the answer, under its sender's name.

    A reaction comes in between: it is no reason for another time.
    """
    older = {message.id for message in listed_newest(everyone[0])}
    senders = (*everyone, everyone[1])
    texts = [fitted(f"hi, no. {number}", limits.message_length) for number, _ in enumerate(senders)]
    sent = [person.send(text) for person, text in zip(senders, texts, strict=True)]
    everyone[2].react(sent[1], limits.reactions[0])

    users: dict[str, set[str]] = {}
    for viewer in everyone:
        found = listed(viewer, sent)
        once(found, sent, older)
        for person, chat in zip(senders, sent, strict=True):
            if chat.id in found:
                as_answered(chat, found[chat.id])
                users.setdefault(person.name, set()).add(found[chat.id].user)
    for name, shown in users.items():
        others = [ids for other, ids in users.items() if other != name]
        holds(
            len(shown) == 1 and not any(shown & ids for ids in others),
            "a message is not listed under its sender",
            expected="one user for each sender, whoever looks",
            actual="; ".join(f"{who}: {', '.join(sorted(ids))}" for who, ids in users.items()),
            on=tuple(sent),
        )


def listed_newest(viewer: Participant) -> list[Message]:
    return viewer.list(sort=viewer.contract.limits.created_key, ascending=False).messages


def once(found: dict[str, Message], sent: list[Sent], older: set[str]) -> None:
    """No page shows a message twice, be it under its own id or under another one."""
    messages = [message for page in pages_of(found) for message in page.messages]
    own = {chat.id for chat in sent}
    texts = {chat.text for chat in sent if isinstance(chat.text, str)}
    shown = [message.id for message in messages if message.id in own]
    copies = [m.id for m in messages if str(m.text) in texts and m.id not in own | older]
    holds(
        len(shown) == len(set(shown)) and not copies,
        "a message that was sent once is listed twice",
        expected="each once",
        actual=f"{len(shown) + len(copies)} entries for {len(set(shown))} messages",
        on=(*sent, *pages_of(found)),
    )


def pages_of(found: dict[str, Message]) -> list[Listed]:
    return list({message.page.exchange.id: message.page for message in found.values()}.values())


def as_answered(chat: Sent, message: Message) -> None:
    on = (chat, message.page)
    # An answer without a text is SEND-1's matter.
    holds(
        not isinstance(chat.text, str) or equivalent(message.text, chat.text),
        "the list shows another text than the answer",
        expected=ascii(chat.text),
        actual=ascii(message.text),
        on=on,
        at=message.pointer("message"),
    )
    times = {"expected": chat.created, "actual": message.created}
    at = message.pointer("createdAt")
    near = abs(message.instant - chat.instant) <= SECOND
    summary = "the list shows another createdAt than the answer"
    if holds(near, f"{summary}, by more than a second", on=on, at=at, **times):
        same = exact(message.instant, message.created) == exact(chat.instant, chat.created)
        holds(same, f"{summary}, by a fraction of a second", on=on, at=at, rule="SEND-17", **times)


def exact(instant: datetime, stamp: str) -> tuple[datetime, str]:
    """An instant to the last digit: parsed ones end at the microsecond."""
    fraction = re.search(r"\.(\d+)", stamp)
    return instant, (fraction[1] if fraction else "").rstrip("0")


@requirement("SEND-12", "SEND-11")
def test_created_at_is_the_time_of_sending(everyone: People, run: Run) -> None:
    """Close to the present time, in the answer and in the list, and no earlier than before.

    Host and members take turns, in either order.
    """
    host, alice, bob = everyone
    sent = [person.send("one after another") for person in (host, alice, host, bob)]
    for earlier, later in itertools.pairwise(sent):
        holds(
            later.instant >= earlier.instant,
            "a message has an earlier createdAt than one that was answered before",
            expected=f"{earlier.created} or later",
            actual=later.created,
            on=(earlier, later),
            at="/createdAt",
        )
    for chat in sent[:2]:
        of_now(run, chat, chat.instant, chat.created, chat, "/createdAt")
    for message in listed(alice, sent[:2]).values():
        at, stamp = message.pointer("createdAt"), message.created
        of_now(run, sent[0], message.instant, stamp, message.page, at)


def of_now(run: Run, chat: Sent, instant: datetime, stamp: str, on: Answer, at: str) -> None:
    tolerance, exchange = run.settings.clock_tolerance, chat.exchange
    start, end = exchange.started - tolerance, exchange.started + exchange.elapsed + tolerance
    holds(
        start <= instant.timestamp() <= end,
        "createdAt is not close to the present time",
        expected=f"within {tolerance:g} seconds of "
        f"{datetime.fromtimestamp(exchange.started).astimezone().isoformat()}",
        actual=stamp,
        on=on,
        at=at,
        rule="SEND-11",
    )
