"""What may be done to a new message may be done to one that has many newer ones.

The corpus has three pages; with deeper runs more comes after it, beyond the hundred or thousand
messages that a server may keep at hand.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import pytest

from conformance.answers import NO_CONTENT
from conformance.client import Answer, Participant, Shown
from conformance.contract import Limits
from conformance.evidence import Unjudged
from conformance.expect import equal, holds, require_steady
from conformance.plugin import requirement
from conformance.run import Run, tidy
from conformance.suite.corpus import Corpus, Post
from conformance.suite.steps import counts
from conformance.suite.walks import unlike
from conformance.views import look

People = tuple[Participant, ...]

MORE = {"brief": 0, "quick": 0, "normal": 50, "deep": 1000}
"""Messages that are sent after the corpus, by depth."""
OLDEST = 10
"""Of the corpus; all others are newer than these."""


@pytest.fixture(scope="module")
def elders(run: Run, corpus: Corpus) -> Iterator[tuple[Post, ...]]:
    """The oldest messages of the corpus, with all others after them."""
    journal = run.home.journal
    start = len(journal.entries)
    for number in range(MORE[run.settings.depth]):
        _ = corpus.people[number % len(corpus.people)].send(f"Younger {number + 1}").id
    younger = journal.keep(start)
    yield corpus.posts[:OLDEST]
    tidy(run.home, younger)


def one(posts: tuple[Post, ...], what: str, right: Callable[[Post], bool]) -> Post:
    """The oldest message that is as a scenario needs it."""
    found = next((post for post in posts if right(post)), None)
    if found is None:
        raise Unjudged(f"no old message {what} is listed")
    return found


def as_on_a_new_one(answer: Answer, *codes: int, what: str, rule: str) -> bool:
    return holds(
        answer.status in codes,
        f"{what} was not accepted on an old message",
        expected="accepted, as on a new one",
        actual=answer.exchange.outcome(),
        on=answer,
        rule=rule,
    )


def listed(viewer: Participant) -> dict[str, Shown]:
    """Every message, by its id."""
    return {message.id: message for message in viewer.walk()}


@requirement("LIST-2", "LIST-8")
def test_many_messages_are_all_listed_and_counted(elders: tuple[Post, ...], run: Run) -> None:
    """From the oldest to the newest, each once; all pages give their number."""
    walked = run.home.host.walk()
    ids = [message.id for message in walked]
    own = [entry.chat for entry in run.home.journal.left()]
    lost = [id for id in (*(post.id for post in elders), *own) if id not in ids]
    pages = list({message.page.exchange.id: message.page for message in walked}.values())
    summary = "walking the pages of many messages leaves some out"
    shown = {"expected": "none missing", "actual": f"{len(lost)} of {len(own)} missing"}
    complete = holds(not lost, summary, on=tuple(pages[-1:]), rule="LIST-8", **shown)
    if len({page.total for page in pages}) > 1:
        raise Unjudged("totalCount changed from page to page (LIST-2), or somebody else writes")
    for page in pages if complete else ():
        summary = "totalCount is not the number of many messages"
        equal(page.total, len(set(ids)), summary, on=page, at="/totalCount")


@requirement("REACT-1", "REACT-3", "UNREACT-1", "UNREACT-2")
def test_old_messages_are_reacted_to_and_reactions_taken_back(
    elders: tuple[Post, ...], everyone: People, limits: Limits
) -> None:
    """A reaction is added, one is taken back by who gave it, and one removed by the host."""
    host, alice, bob = everyone
    before = listed(alice)
    here = tuple(post for post in elders if post.id in before and not before[post.id].pin)
    held = [entry for post in here for entry in alice.reactions(post.sent)]
    if any(before[post.id].reactions for post in here) and not held:
        summary = "the reactions list has none of the reactions of old messages"
        holds(False, summary, on=before[here[0].id].page, rule="RLIST-2")
    # The corpus was reacted to by several at once (CONC): its answers are not relied on.
    plain = [post for post in here if all(by != bob.name for _, by in post.reactions)][:2]
    # A name for each, as it is REACT-8's matter what one message's reaction does to another's.
    named = zip(plain, limits.reactions, strict=False)
    given = [(post, name, bob.react(post.sent, name)) for post, name in named]
    for _, _, added in given:
        as_on_a_new_one(added, 200, what="a reaction", rule="REACT-1")
    after, summary = listed(alice), "a reaction to an old message does not show"
    for post, name, added in given:
        shown = after.get(post.id)
        right = shown and any(counts(shown, limits, name, number) for number in range(1, 4))
        holds(right or not added.accepted, summary, on=added, rule="REACT-3")
    for (post, _, added), person in zip(given, (bob, host), strict=False):
        rule, whose = ("UNREACT-2", "the host's") if person is host else ("UNREACT-1", "one's own")
        if not added.accepted or added.id not in alice.reactions(post.sent).ids:
            raise Unjudged("a reaction to an old message is not listed under its id (REACT-3)")
        answer = person.unreact(post.sent, added)
        as_on_a_new_one(answer, *NO_CONTENT, what=f"{whose} removal of a reaction", rule=rule)
        summary = "a reaction that was taken back is still listed on an old message"
        left = alice.reactions(post.sent).ids
        holds(added.id not in left or answer.refused, summary, on=answer, rule=rule)


@requirement("PIN-1", "PIN-2")
def test_old_messages_are_pinned_and_unpinned(
    elders: tuple[Post, ...], everyone: People, run: Run
) -> None:
    """And are shown so."""
    host, viewer, _ = everyone
    before = listed(viewer)
    here = tuple(post for post in elders if post.id in before)
    plain = one(here, "without a pin", lambda post: not before[post.id].pin)
    pinned = host.pin(plain.sent)
    if pinned.refused and run.home.journal.one_pin:
        raise Unjudged("one message can be pinned at a time here (PIN-8), and another one may be")
    if not as_on_a_new_one(pinned, *NO_CONTENT, what="the host's pin", rule="PIN-1"):
        return
    shown = listed(viewer).get(plain.id)
    # Where something is shown, it is LIST-11's matter what that has to be.
    there = shown is not None and bool(shown.raw.get("pinned"))
    holds(there, "an old message is not shown as pinned", on=pinned, rule="PIN-1")
    held = shown and shown.pin
    if held:
        answer = host.unpin(plain.sent, held)
        as_on_a_new_one(answer, *NO_CONTENT, what="the host's unpin", rule="PIN-2")


@requirement("DEL-1", "DEL-2", "DEL-3")
def test_old_messages_are_deleted(elders: tuple[Post, ...], everyone: People) -> None:
    """By who sent one, and by the host; all others stay as they were."""
    host, alice, bob = everyone
    _ = alice.send("what is kept for her until she writes is renewed").id
    before = listed(alice)
    here = tuple(post for post in elders if post.id in before and not before[post.id].pin)
    for person, sender, rule in ((alice, alice, "DEL-1"), (host, bob, "DEL-2")):
        post = one(here, f"of {sender.name}", lambda post, by=sender: post.sender is by)  # type: ignore[misc]
        answer = person.delete(post.sent)
        if as_on_a_new_one(answer, *NO_CONTENT, what="a deletion", rule=rule):
            summary = "an old message is still listed after its deletion"
            after = listed(alice)
            holds(post.id not in after, summary, on=answer, rule="DEL-3")
            others_stay(alice, before, after, answer)
            before = after


@requirement("DEL-3", "DEL-2")
def test_deleting_a_message_takes_nothing_of_one_whose_id_begins_alike(
    elders: tuple[Post, ...], everyone: People, run: Run, limits: Limits
) -> None:
    """Where ids are counted up, as 12 and 120, each stands for itself."""
    host, alice, bob = everyone
    ids = {entry.chat: entry for entry in run.home.journal.left() if entry.chat}
    pairs = ((id, longer) for id in ids for longer in ids if longer != id and longer.startswith(id))
    shorter, longer = next(pairs, (elders[-1].id, elders[-2].id))
    bob.react(longer, limits.reactions[0])  # which may be there already, and be refused then
    _ = alice.send("what is kept for her until she writes is renewed").id
    before, held = listed(alice), _held(alice, longer)
    if longer not in before or not held:
        raise Unjudged("a reaction to an old message does not show (REACT-3)")
    answer = host.delete(shorter)
    if as_on_a_new_one(answer, *NO_CONTENT, what="the host's deletion", rule="DEL-2"):
        others_stay(alice, before, listed(alice), answer)
        summary = "deleting a message took another one's reactions from the list"
        holds(held <= _held(alice, longer), summary, on=answer, rule="DEL-3")


def _held(viewer: Participant, chat: str) -> set[str]:
    """The ids of a message's reactions, as they are listed."""
    return {entry["id"] for entry in viewer.reactions(chat) if entry["chatId"] == chat}


def others_stay(
    viewer: Participant, before: Mapping[str, Shown], after: Mapping[str, Shown], answer: Answer
) -> None:
    """All that is shown of other messages, however old, is as it was."""
    pairs = [(before[id], after[id]) for id in before.keys() & after.keys()]
    changed = [(now, names) for was, now in pairs if (names := unlike(viewer, was, now))]
    if changed:
        require_steady(look(viewer, [now.id for now, _ in changed[:1]]))
    names = changed[0][1] if changed else []
    holds(
        not changed,
        f"deleting an old message changed another one: {', '.join(names)}",
        expected="others as they were",
        actual=f"{len(changed)} others changed",
        on=(answer, *(now.page for now, _ in changed[:1])),
        rule="DEL-3",
    )
