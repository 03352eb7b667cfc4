"""STATE: what holds whatever is called. Longer sequences of calls are in ``test_sequences``."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from conformance.client import JSON, Answer, Listed, Participant, Sent, encode
from conformance.contract import Limits
from conformance.expect import equal, holds, same, unchanged
from conformance.plugin import requirement
from conformance.suite.corpus import Corpus
from conformance.suite.steps import pin, react, unknown
from conformance.views import changes, look, snapshot

People = tuple[Participant, ...]


def refusable(everyone: People, chat: Sent, limits: Limits) -> Iterator[Callable[[], Answer]]:
    """Requests that a target refuses, or may refuse, each for a reason of its own."""
    host, alice, bob = everyone
    missing, reaction = unknown(chat.id), limits.reactions[0]
    yield lambda: alice.send("x" * (limits.message_length + 1))
    yield lambda: alice.send_body(b'{"message": "cut off', JSON)
    yield lambda: alice.send(12345)
    yield lambda: alice.send("")
    yield lambda: alice.send_body(encode({"message": "plain"}), ("Content-Type", "text/plain"))
    yield lambda: bob.react(chat, ":tada:")
    yield lambda: bob.react_body(chat, b"{", JSON)
    yield lambda: bob.react(missing, reaction)
    yield lambda: bob.delete(chat)
    yield lambda: host.delete(missing)
    yield lambda: bob.unreact(chat, unknown(chat.id))
    yield lambda: host.pin(missing)
    yield lambda: bob.pin(chat)
    yield lambda: host.unpin(chat, unknown(chat.id))
    yield lambda: alice.list(take=limits.page_size + 1)
    yield lambda: alice.list(skip="abc")


@requirement("STATE-1")
def test_a_request_answered_4xx_changed_nothing(everyone: People, limits: Limits) -> None:
    """Whatever the reason for the refusal."""
    host, alice, bob = everyone
    chat = alice.send("stays as it is")
    react(bob, chat, limits.reactions[-1])
    pin(host, chat)
    before = look(alice)
    for request in refusable(everyone, chat, limits):
        answer = request()
        after = look(alice)
        if answer.refused:
            same(before, after, what="a refused request changed something")
        before = after


@requirement("STATE-2")
def test_reading_changes_nothing(everyone: People, limits: Limits) -> None:
    """Lists in every order, the reactions list, and reads that are refused."""
    host, alice, bob = everyone
    chat = alice.send("only looked at")
    react(bob, chat, limits.reactions[0])
    pin(host, chat)
    with unchanged(alice):
        for number, sort in enumerate(limits.sort_keys):
            everyone[number % 3].list(sort=sort, ascending=number % 2 == 0, skip=number)
        for person in everyone:
            person.reactions(chat)
            person.reactions(chat, unknown(chat.id))
            person.list(take=0)
        bob.walk()


@requirement("STATE-4")
def test_a_write_is_visible_to_the_next_read(everyone: People, limits: Limits) -> None:
    """By whoever wrote and by everybody else, each of whom has read just before."""
    for turn, writer in enumerate(everyone):
        _Reads(everyone, writer, limits).follow_each_write(reader=everyone[turn - 1])


class _Reads:
    """Every kind of write in turn, and what the next reads show of it."""

    def __init__(self, everyone: People, writer: Participant, limits: Limits) -> None:
        self.host, self.everyone, self.writer = everyone[0], everyone, writer
        self.reaction = limits.reactions[0]
        self.names = (self.reaction, *limits.spellings(self.reaction))

    def follow_each_write(self, reader: Participant) -> None:
        before = self._page(reader).total
        chat = self.writer.send("now you see me")
        page = self._seen(reader, chat, "a message sent", lambda _, listed: listed)
        equal(page.total, before + 1, "a message sent is not counted by the next read", on=page, at="/totalCount")
        held = react(self.writer, chat, self.reaction)
        self._seen(reader, chat, "a reaction", self._counts(1))
        self._listed(reader, chat, [held.id], "a reaction")
        self.host.pin(chat)
        page = self._seen(reader, chat, "a pin", lambda page, _: bool(_pin(page, chat)))
        self._unpin(reader, chat, _pin(page, chat))
        self.writer.unreact(chat, held)
        self._seen(reader, chat, "a reaction taken back", self._counts(0))
        self._listed(reader, chat, [], "a reaction taken back")
        self.writer.delete(chat)
        page = self._seen(reader, chat, "a deletion", lambda _, listed: not listed)
        equal(page.total, before, "a deletion is not counted by the next read", on=page, at="/totalCount")

    def _unpin(self, reader: Participant, chat: Sent, held: str | None) -> None:
        if held is not None:
            self.host.unpin(chat, held)
            self._seen(reader, chat, "an unpin", lambda page, _: not _pin(page, chat))

    def _counts(self, number: int) -> Callable[[Listed, bool], bool]:
        return lambda page, listed: not listed or _count(page, self.current, self.names) == number

    def _page(self, reader: Participant) -> Listed:
        return reader.list(sort=reader.contract.limits.created_key, ascending=False)

    def _seen(
        self, reader: Participant, chat: Sent, what: str, as_it_should: Callable[[Listed, bool], bool]
    ) -> Listed:
        """The next reads of another person and of the writer show it; gives the other one's."""
        self.current = chat
        first = self._page(reader)
        for viewer, page in ((reader, first), (self.writer, self._page(self.writer))):
            # With stamps as coarse as a second, a new message may stand on another page.
            if chat not in page and page.total > len(page.messages):
                found = next((one for one in viewer.walk() if one.id == chat.id), None)
                page = found.page if found else page
            holds(as_it_should(page, chat in page), f"{what} is not visible to the next read", on=page)
        return first

    def _listed(self, reader: Participant, chat: Sent, ids: list[str], what: str) -> None:
        for viewer in (reader, self.writer):
            answer = viewer.reactions(chat)
            seen = answer.ids if answer.accepted else []
            equal(seen, ids, f"{what} is not visible to the next read of the reactions list", on=answer)


def _pin(page: Listed, chat: Sent) -> str | None:
    message = page.get(chat)
    return message.pin if message else None


def _count(page: Listed, chat: Sent, names: tuple[str, ...]) -> int:
    message = page.get(chat)
    return message.count(names) if message else 0


@requirement("STATE-5")
def test_everyone_is_given_the_same_two_views(everyone: People, limits: Limits) -> None:
    """After each of them has written, reacted and been pinned."""
    host, alice, bob = everyone
    chats = [person.send("seen by all") for person in everyone]
    for chat in chats:
        react(bob, chat, limits.reactions[0])
    react(alice, chats[0], limits.reactions[-1])
    pin(host, chats[1])
    views = [look(person) for person in everyone]
    for view in views[1:]:
        same(views[0], view, what="participants are given different views")


@requirement("STATE-5")
def test_everyone_is_given_the_same_pages(everyone: People, corpus: Corpus) -> None:
    """All messages, in the same order where the order is settled, with the same content."""
    walks = [person.walk() for person in everyone]
    own = set(corpus.ids)
    seen = [{one.id: snapshot(everyone[0], one) for one in walk if one.id in own} for walk in walks]
    for walk, view in zip(walks[1:], seen[1:], strict=True):
        page = walk[-1].page if walk else ()
        equal(sorted(view), sorted(seen[0]), "participants are given different messages", on=page)
        differing = [change for id in view.keys() & seen[0].keys() for change in changes(seen[0][id], view[id])]
        holds(not differing, "participants are given different views", actual=differing[:3], on=page)
