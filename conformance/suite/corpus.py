"""Messages in a known pattern, sent once and read by all tests of lists and orders.

More than three pages of several senders; pins and reactions stand in a pattern that gives every
sort key more than a page of messages with it, more than a page without, and ties among both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from conformance.client import Participant, Reacted, Sent
from conformance.run import Run

CALLERS = 4


@dataclass
class Post:
    """A message of the corpus, and what was done to it."""

    sent: Sent
    sender: Participant
    text: str
    pinned: bool = False
    reactions: dict[tuple[str, str], Reacted] = field(default_factory=dict)
    """The answers to its reactions, by reaction and name of the person."""

    @property
    def id(self) -> str:
        return self.sent.id

    def count(self, reaction: str) -> int:
        return sum(name == reaction for name, _ in self.reactions)


@dataclass(frozen=True)
class Corpus:
    posts: tuple[Post, ...]
    """In the order in which they were sent."""

    @property
    def ids(self) -> list[str]:
        return [post.id for post in self.posts]

    def __iter__(self) -> Iterator[Post]:
        return iter(self.posts)

    def __len__(self) -> int:
        return len(self.posts)


def build(run: Run) -> Corpus:
    """Send the corpus: three pages and a few messages; about three requests a message."""
    limits, people = run.contract.limits, (run.home.host, *run.home.members[:2])
    size = 3 * limits.page_size + 4
    posts = []
    for number in range(size):
        sender, text = people[number % len(people)], f"Corpus message {number + 1} of {size}"
        posts.append(Post(sender.send(text), sender, text))
    at_once(_dressings(posts, people, run))
    run.home.journal.begin_test()
    return Corpus(tuple(posts))


def _dressings(
    posts: list[Post], people: tuple[Participant, ...], run: Run
) -> Iterator[Callable[[], None]]:
    """The pins and reactions of the corpus, as calls that may be made in any order."""
    reactions = run.contract.limits.reactions
    for number, post in enumerate(posts):
        if number % 5 in (1, 4):
            yield lambda post=post: _pin(run.home.host, post)  # type: ignore[misc]
        for place, reaction in enumerate(reactions):
            # 0, 1, 2 or 3 people, in a period that shares no factor with pins or senders.
            for person in people[: (number + 2 * place) % 7 % (len(people) + 1)]:
                if not _holds_other(post, person, reactions[:place], number, people):
                    yield lambda post=post, person=person, reaction=reaction: _react(  # type: ignore[misc]
                        person, post, reaction
                    )


def _holds_other(
    post: Post, person: Participant, earlier: Iterable[str], number: int, people: tuple[Participant, ...]
) -> bool:
    """Whether the person reacts otherwise already: a target may allow one reaction a person only."""
    return any(
        person in people[: (number + 2 * place) % 7 % (len(people) + 1)]
        for place, _ in enumerate(earlier)
    )


def _pin(host: Participant, post: Post) -> None:
    post.pinned = host.pin(post.sent).accepted


def _react(person: Participant, post: Post, reaction: str) -> None:
    answer = person.react(post.sent, reaction)
    if answer.accepted:
        post.reactions[reaction, person.name] = answer


def at_once(calls: Iterable[Callable[[], None]]) -> None:
    with ThreadPoolExecutor(CALLERS) as pool:
        for done in [pool.submit(call) for call in calls]:
            done.result()


