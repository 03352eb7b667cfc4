"""Messages in a known pattern, sent once and read by all tests of lists and orders.

More than three pages of several senders; pins and reactions stand in a pattern that gives every
sort key more than a page of messages with it, more than a page without, and ties among both. With
fewer people than three there are fewer counts, and without a host no pins.
What the corpus is made of is not judged here: tests go by what the list shows of it.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from math import ceil

from conformance.catalogue import Need
from conformance.client import Done, Participant, Reacted, Sent
from conformance.evidence import Unjudged
from conformance.run import Run

CALLERS = 4

PATTERN = (
    *((1, 0), (0, 0), (0, 1), (2, 1), (0, 0), (1, 0), (0, 1), (0, 0), (3, 0), (0, 1), (0, 0)),
    *((1, 0), (0, 0), (0, 1), (1, 1), (0, 0), (2, 0), (0, 1), (0, 0), (1, 0), (0, 1), (0, 0)),
)
"""How many people give a message one reaction and another; nobody gives both (REACT-10).

Its length shares no factor with the period of the senders or of the pins.
"""
REST = 1
"""Messages beyond the third page."""
PINNED = (1, 4)
"""Of five messages in a row, those that are pinned."""


@dataclass(eq=False)
class Post:
    """A message of the corpus, and what was asked for it."""

    sent: Sent
    sender: Participant
    text: str
    pin_asked: bool = False
    pin_refused: bool = False
    pinned: bool = False
    reactions: dict[tuple[str, str], Reacted] = field(default_factory=dict)
    """The answers to its reactions, by reaction and name of the person; accepted ones only."""
    turned_down: list[tuple[Participant, str]] = field(default_factory=list)
    """Who was not let react, and how; the empty string where it is the host and a pin."""

    @property
    def id(self) -> str:
        return self.sent.id

    def count(self, reaction: str) -> int:
        return sum(name == reaction for name, _ in self.reactions)


@dataclass(frozen=True)
class Corpus:
    posts: tuple[Post, ...]
    """In the order in which they were sent."""
    people: tuple[Participant, ...]
    """Who sent them: the host and two members, or whoever there is."""

    @property
    def viewer(self) -> Participant:
        """A member, where one is known: most who read are members."""
        return next((one for one in self.people if not one.is_host), self.people[0])

    @property
    def ids(self) -> list[str]:
        return [post.id for post in self.posts]

    def __iter__(self) -> Iterator[Post]:
        return iter(self.posts)

    def __len__(self) -> int:
        return len(self.posts)


def build(run: Run) -> Corpus:
    """Send the corpus: three pages and a message; somewhat over two requests a message."""
    if run.standing.blocked:
        raise Unjudged(run.standing.blocked)
    run.require_time()
    people, page = cast(run), run.contract.limits.page_size
    posts = list(_sent(people, 0, 3 * page))
    at_once(_dressings(posts, 0, people, run))
    _await_next_stamp(posts)
    rest = list(_sent(people, len(posts), REST))
    at_once(_dressings(rest, len(posts), people, run))
    _leave_room([*posts, *rest], run)
    for opened in run.sessions:
        opened.journal.begin_test()
    return Corpus((*posts, *rest), people)


def cast(run: Run) -> tuple[Participant, ...]:
    """The host and two members, as far as they are known to be different people."""
    members = run.home.members[:2]
    if Need.MEMBERS in run.standing.missing:
        members = members[:1]
    if Need.ROLES in run.standing.missing and members:
        return members
    return (run.home.host, *members)


def _sent(people: tuple[Participant, ...], start: int, count: int) -> Iterator[Post]:
    # One after the other: what is lost by sending at once is CONC's matter.
    for number in range(start, start + count):
        sender, text = people[number % len(people)], f"Corpus message {number + 1}"
        sent = sender.send(text)
        # Without its id a message of the corpus is of no use: raises Unmet here.
        if sent.id:
            yield Post(sent, sender, text)


def _await_next_stamp(posts: list[Post]) -> None:
    """Let a clock of whole seconds tick once, lest all messages have one time and no order."""
    if len({post.sent.created for post in posts}) == 1:
        now = time.time()
        time.sleep(ceil(now) - now + 0.01)


def _dressings(
    posts: list[Post], start: int, people: tuple[Participant, ...], run: Run
) -> Iterator[Callable[[], object]]:
    """The pins and reactions of the corpus, as calls that may be made in any order."""
    reactions = run.contract.limits.reactions
    for number, post in enumerate(posts, start):
        # Where one message can be pinned at a time, the scenarios about pins need that one.
        if number % 5 in PINNED and not run.home.journal.one_pin:
            yield lambda post=post: pin(run.home.host, post)  # type: ignore[misc]
        for person, reaction in _reacting(number, people, reactions):
            yield lambda post=post, person=person, reaction=reaction: react(  # type: ignore[misc]
                person, post, reaction
            )


def _leave_room(posts: list[Post], run: Run) -> None:
    """Where only so many messages can be pinned, the corpus must not use that up.

    A pin that is accepted once all others are gone was refused for their number; one that is
    refused even then is PIN-1's matter, and the corpus is pinned as before.
    """
    host, pinned = run.home.host, [post for post in posts if post.pinned]
    refused = next((post for post in posts if post.pin_refused), None)
    if refused is None or not pinned:
        return
    _unpin(host, pinned)
    if not host.pin(refused.sent).accepted:
        at_once([partial(pin, host, post) for post in pinned])
        return
    _unpin(host, [refused])
    run.home.journal.one_pin = True
    for post in posts:
        post.pin_asked = post.pinned = False
        post.turned_down = [one for one in post.turned_down if one != (host, "")]


def _unpin(host: Participant, posts: list[Post]) -> None:
    shown = {message.id: message for message in host.walk()}
    pins = {post: shown[post.id].pin for post in posts if post.id in shown}
    at_once([partial(host.unpin, post.sent, held) for post, held in pins.items() if held])


def _reacting(
    number: int, people: tuple[Participant, ...], reactions: tuple[str, ...]
) -> Iterator[tuple[Participant, str]]:
    """Who reacts how to a message. Rounds of the pattern change which reaction is which."""
    turn, first = divmod(number, len(PATTERN))
    wanted = [
        reactions[(turn + place) % len(reactions)]
        for place, count in enumerate(PATTERN[first])
        for _ in range(count)
        if place < len(reactions)
    ]
    from_here = number // 2 % len(people)
    yield from zip((*people[from_here:], *people[:from_here]), wanted, strict=False)


def pin(host: Participant, post: Post) -> Done:
    """Pin a message of the corpus, and note it."""
    post.pin_asked = True
    answer = host.pin(post.sent)
    post.pinned, post.pin_refused = answer.accepted, answer.refused
    if not post.pinned:
        post.turned_down.append((host, ""))
    return answer


def react(person: Participant, post: Post, reaction: str) -> Reacted:
    """React to a message of the corpus, and note it."""
    answer = person.react(post.sent, reaction)
    if answer.accepted:
        post.reactions[reaction, person.name] = answer
    else:
        post.turned_down.append((person, reaction))
    return answer


def at_once(calls: Iterable[Callable[[], object]]) -> None:
    """Make the calls, several at a time; after an exception, those that wait are not made."""
    with ThreadPoolExecutor(CALLERS) as pool:
        try:
            for done in [pool.submit(call) for call in calls]:
                done.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
