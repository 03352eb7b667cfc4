"""LIST: what a page holds, how much there is in all, and that the pages make up the whole."""

from __future__ import annotations

from collections import Counter
from typing import Any

from conformance.catalogue import Need
from conformance.client import Listed, Participant
from conformance.contract import Limits
from conformance.evidence import Unjudged
from conformance.expect import accepted, equal, holds
from conformance.plugin import requirement
from conformance.run import Run
from conformance.suite.corpus import Corpus
from conformance.suite.walks import Orders, Walk
from conformance.values import brief, parse_instant, pointer

# -- LIST-1 ----------------------------------------------------------------------------------------


@requirement("LIST-1")
def test_every_page_has_its_documented_shape(corpus: Corpus, orders: Orders) -> None:
    """A page has totalCount and messages, each with its id, text, time and sender."""
    own = set(corpus.ids)
    for walk in orders:
        for page in walk.pages:
            well_formed(page, own)
    for viewer in corpus.people:
        if viewer is not orders.viewer:
            well_formed(viewer.list(), own)
    total = orders.answer(orders.limits.created_key, True).total
    past_the_end = orders.viewer.list(skip=total + orders.limits.page_size)
    # Whether there is such a page is LIST-7's matter.
    if past_the_end.accepted:
        well_formed(past_the_end, own)


def well_formed(page: Listed, own: set[str]) -> None:
    """Check a page member by member; ``own`` are messages that have a text for certain."""
    if not accepted(page, 200):
        return
    body = page.body()
    body = body if isinstance(body, dict) else {}
    total, messages = body.get("totalCount"), body.get("messages")
    count = isinstance(total, int) and not isinstance(total, bool) and total >= 0
    holds(
        count,
        "totalCount is no integer of 0 or more",
        expected="an integer of 0 or more",
        actual=brief(total),
        on=page,
        at="/totalCount",
    )
    holds(
        isinstance(messages, list),
        "messages is no array",
        expected="an array",
        actual=brief(messages),
        on=page,
        at="/messages",
    )
    for index, message in enumerate(messages if isinstance(messages, list) else ()):
        for place, wanted, value in wrong(message, own):
            shown = place.replace("/", ".").strip(".") or "a message"
            summary = f"{shown} is not there as documented"
            at = f"{pointer('messages', index)}{place}"
            holds(False, summary, expected=wanted, actual=brief(value), on=page, at=at)


def wrong(message: Any, own: set[str]) -> list[tuple[str, str, Any]]:
    """The members of a message that are not as documented: place, what is wanted, what is there."""
    if not isinstance(message, dict):
        return [("", "an object", message)]
    chat, text, created = (message.get(name) for name in ("chatId", "message", "createdAt"))
    user = message.get("user")
    found: list[tuple[str, str, Any]] = []
    if not (isinstance(chat, str) and chat):
        found.append(("/chatId", "a non-empty string", chat))
    # SEND-10: somebody may have sent a message without a text.
    if not isinstance(text, str) and (text is not None or chat in own or "message" not in message):
        found.append(("/message", "a string", text))
    if not (isinstance(created, str) and parse_instant(created)):
        found.append(("/createdAt", "an RFC 3339 date-time with an offset", created))
    if not isinstance(user, dict):
        return [*found, ("/user", "an object with id and name", user)]
    if not (isinstance(user.get("id"), str) and user["id"]):
        found.append(("/user/id", "a non-empty string", user.get("id")))
    if not isinstance(user.get("name", 0), str | None):
        found.append(("/user/name", "a string, or null", user.get("name", "nothing")))
    return found


# -- LIST-2 ----------------------------------------------------------------------------------------


@requirement("LIST-2")
def test_total_count_is_the_number_of_messages_on_every_page(orders: Orders) -> None:
    """totalCount counts the messages of the session, whatever the page and its order."""
    expected = len(orders.messages)
    if not orders.sound:
        # How many there are cannot be told (LIST-8); one number it has to be even so.
        expected = orders.answer(orders.limits.created_key, True).total
    for walk in orders:
        for page in walk.pages:
            counted(page, expected, f"{walk.order}, totalCount is not the number of messages")


@requirement("LIST-2")
def test_total_count_follows_what_is_sent_and_deleted(
    run: Run, corpus: Corpus, limits: Limits
) -> None:
    """Each message that anyone sends counts one, for every viewer; a deleted one counts no more."""
    viewer, other = corpus.viewer, corpus.people[0]
    newest: dict[str, Any] = {"sort": limits.created_key, "ascending": False}
    before = viewer.list(**newest)
    sent = [person.send(f"{person.name} counts") for person in corpus.people]
    if run.away and Need.SECOND_SESSION not in run.standing.missing:
        run.away.host.send("another session's message")
    after = viewer.list(**newest)
    alone(before, after, viewer)
    pages = (after, other.list(take=limits.page_size // 2 + 1, skip=1))
    grown, listed = before.total + len(sent), all(chat in after for chat in sent)
    # A message that is not listed at all (SEND-4), or still (DEL-3), is not for LIST-2 to judge.
    for page in pages if listed or all(page.total == grown for page in pages) else ():
        counted(page, grown, "totalCount did not grow by the messages sent")
    done, last = corpus.people[-1].delete(sent[-1]), viewer.list(**newest)
    if done.accepted and sent[-1] in after and sent[-1] not in last:
        counted(last, grown - 1, "totalCount did not go down by the message deleted")


def counted(page: Listed, expected: int, summary: str) -> None:
    equal(page.total, expected, summary, on=page, at="/totalCount")


def alone(before: Listed, after: Listed, viewer: Participant) -> None:
    """Raise :class:`Unjudged` where somebody else has sent a message between two newest pages."""
    journal, known = viewer.journal, set(before.ids)
    for shown in after.messages:
        own = shown.id in journal.ids() or shown.text in journal.texts()
        if shown.id not in known and not own and before.total < after.total:
            raise Unjudged(f"another writer is at work in the session (message {shown.id!r})")


# -- LIST-8 ----------------------------------------------------------------------------------------


@requirement("LIST-8")
def test_the_pages_of_every_order_give_every_message_once(corpus: Corpus, orders: Orders) -> None:
    """Page by page, under every key and direction, each message comes exactly once."""
    everything = set(orders.messages) | set(corpus.ids)
    for walk in orders:
        to_the_end(walk)
        once(walk)
        complete(walk, everything)


def to_the_end(walk: Walk) -> None:
    broken = walk.broken
    holds(
        broken is None,
        f"{walk.order}, a page before the end was not answered with 200",
        expected="200",
        actual=broken.exchange.outcome() if broken else "",
        on=broken or (),
    )


def once(walk: Walk) -> None:
    counts = Counter(walk.ids)
    first = {id: place for place, id in reversed([*enumerate(walk.ids)])}
    repeated = [place for place, id in enumerate(walk.ids) if first[id] < place]
    place = repeated[0] if repeated else 0
    holds(
        not repeated,
        f"{walk.order}, the pages give a message more than once",
        expected="each message once",
        actual=f"{len(repeated)} of {len(counts)} messages again",
        on=pages_with(walk, walk.ids[place]) if repeated else (),
        at=walk.messages[place].pointer("chatId") if repeated else "",
    )


def complete(walk: Walk, everything: set[str]) -> None:
    missing = everything - set(walk.ids)
    holds(
        not missing or walk.broken is not None,
        f"{walk.order}, the pages leave out messages",
        expected=f"all {len(everything)} messages",
        actual=f"{len(missing)} missing, among them {brief(min(missing, default=''))}",
        on=walk.pages,
    )


def pages_with(walk: Walk, id: str) -> tuple[Listed, ...]:
    return tuple(dict.fromkeys(one.page for one in walk.messages if one.id == id))
