"""LIST and RLIST: pages on which everybody has reacted to everything."""

from __future__ import annotations

from itertools import product

from conformance.client import Participant, Sent
from conformance.contract import Limits
from conformance.evidence import Unjudged
from conformance.expect import equal, holds
from conformance.plugin import requirement
from conformance.run import Run
from conformance.suite.steps import counts, react
from conformance.views import batches

People = tuple[Participant, ...]

PAGES = {"brief": 0.1, "quick": 0.7, "normal": 2.0, "deep": 2.0}
"""How much of a page is filled, or how many are, by depth."""


@requirement("LIST-12", "RLIST-2")
def test_a_page_shows_all_reactions_however_many(
    run: Run, everyone: People, limits: Limits
) -> None:
    """None is left out of the page, and none of the reactions list of all messages."""
    most = max(1, int(limits.page_size * PAGES[run.settings.depth]))
    chats = [everyone[number % len(everyone)].send(f"Liked {number + 1}") for number in range(most)]
    for person, chat in product(everyone, chats):
        react(person, chat, limits.reactions[0])
    newest = chats[-limits.page_size :]
    if shows_all(everyone, newest, limits):
        for some in batches([chat.id for chat in chats]):
            lists_all(everyone, some)


def shows_all(everyone: People, chats: list[Sent], limits: Limits) -> bool:
    reaction = limits.reactions[0]
    page = everyone[-1].list(take=len(chats), sort=limits.created_key, ascending=False)
    shown = {message.id: message for message in page.messages}
    for chat in chats:
        message = shown.get(chat.id)
        if message is None:
            raise Unjudged("the newest page does not have the newest messages (SORT-2, SORT-3)")
        if not holds(
            counts(message, limits, reaction, len(everyone)),
            "a page does not show all reactions of its messages",
            expected=f"{reaction} {len(everyone)} times",
            actual=message.reactions,
            on=page,
            at=message.pointer("reactions"),
        ):
            return False
    return True


def lists_all(everyone: People, chats: list[str]) -> None:
    """The list of many has what the lists of each one have."""
    viewer = everyone[-1]
    together = viewer.reactions(*chats)
    found = len(together.entries) if together.accepted else 0
    if found in (0, len(everyone) * len(chats)):
        return
    alone = sum(len(viewer.reactions(chat).entries) for chat in chats)
    summary = "asked for together, many messages have other reactions than alone"
    equal(found, alone, summary, on=together, rule="RLIST-2")
