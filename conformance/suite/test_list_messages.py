"""LIST: what the messages of a page show about their senders, pins and reactions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from conformance.client import Participant, Reacted, Sent, Shown
from conformance.contract import Limits
from conformance.evidence import Unjudged, current
from conformance.expect import equal, holds
from conformance.plugin import requirement
from conformance.suite.corpus import Corpus
from conformance.suite.walks import Orders
from conformance.values import brief
from conformance.views import find

# -- senders ---------------------------------------------------------------------------------------


@requirement("LIST-10")
def test_user_id_tells_the_participants_apart(
    everyone: tuple[Participant, ...], corpus: Corpus, orders: Orders
) -> None:
    """All messages of one participant have one user.id, whoever looks; no two share it."""
    senders = {post.id: post.sender for post in corpus}
    shown = [message for walk in orders for message in walk.messages]
    for viewer in everyone:
        if viewer is not orders.viewer:
            shown += viewer.list().messages
    first: dict[Participant, Shown] = {}
    for message in shown:
        sender = senders.get(message.id)
        if sender:
            known = first.setdefault(sender, message)
            holds(
                message.user == known.user,
                "messages of one participant show different user ids",
                expected=f"{sender.name} is {brief(known.user)}, as on another message",
                actual=brief(message.user),
                on=(known.page, message.page),
                at=message.pointer("user", "id"),
            )
    if len(first) < 3:
        raise Unjudged("the list does not show messages of all three participants")
    apart(list(first.values()))


def apart(shown: list[Shown]) -> None:
    users = [message.user for message in shown]
    last = shown[-1]
    holds(
        len(set(users)) == len(users),
        "different participants have the same user id",
        expected=f"{len(users)} different ids",
        actual=", ".join(map(brief, users)),
        on=tuple(message.page for message in shown),
        at=last.pointer("user", "id"),
    )


# -- pins ------------------------------------------------------------------------------------------


@requirement("LIST-11", "LIST-13")
def test_a_pinned_message_has_a_pin_with_an_id_and_no_other_has(
    host: Participant, corpus: Corpus
) -> None:
    """pinned is an object with an id while the message is pinned; before and after it is not."""
    people = corpus.people
    chat, other = people[-1].send("to be pinned"), people[0].send("not to be pinned")
    not_pinned(look_up(host, chat)[0])
    if not host.pin(chat).accepted:
        # PIN-8: one pin at a time is allowed; the corpus has one then, and the next test sees it.
        return
    for viewer in people:
        shown, bare = look_up(viewer, chat, other)
        # Where nothing at all is shown of the pin, that is PIN-1's matter.
        if shown.raw.get("pinned") is not None:
            pinned(shown)
        not_pinned(bare)
    if shown.pin and host.unpin(chat, shown.pin).accepted:
        after = look_up(host, chat)[0]
        # That the pin goes at all is PIN-2's matter.
        if after.pin is None:
            not_pinned(after)


@requirement("LIST-11", "LIST-13")
def test_the_pins_of_the_list_are_those_that_were_asked_for(corpus: Corpus, orders: Orders) -> None:
    """Under every order pinned messages have a pin with an id, and those never pinned have none."""
    never = {post.id for post in corpus if not post.pin_asked}
    done = {post.id for post in corpus if post.pinned}
    seen = {message.id for walk in orders for message in walk.messages if message.pin}
    for walk in orders:
        for message in walk.messages:
            if message.id in never:
                not_pinned(message)
            elif message.id in seen:
                pinned(message)
    if done and not seen & done:
        reason = "no message is shown as pinned, though pins were accepted (PIN-1)"
        current().leave_open(reason, ["LIST-11"])


def pinned(shown: Shown) -> None:
    holds(
        shown.pin is not None,
        "a pinned message has no pin with a non-empty string as its id",
        expected="an object with an id",
        actual=brief(shown.raw.get("pinned")),
        on=shown.page,
        at=shown.pointer("pinned"),
        rule="LIST-11",
    )


def not_pinned(shown: Shown) -> None:
    """A message that is not pinned has no pin's id (LIST-11), best no ``pinned`` at all."""
    value = shown.raw.get("pinned")
    id = value.get("id") if isinstance(value, dict) else None
    if holds(
        not id,
        "a message that is not pinned has the id of a pin",
        expected="null, or nothing",
        actual=brief(value),
        on=shown.page,
        at=shown.pointer("pinned"),
        rule="LIST-11",
    ):
        holds(
            value is None,
            "pinned is neither null nor absent on a message that is not pinned",
            expected="null, or nothing",
            actual=brief(value),
            on=shown.page,
            at=shown.pointer("pinned"),
            rule="LIST-13",
        )


def look_up(viewer: Participant, *chats: Sent) -> list[Shown]:
    """Messages as ``viewer`` is shown them; where one is not shown, that is SEND-4's matter."""
    page = viewer.list(sort=viewer.contract.limits.created_key, ascending=False)
    found = [page.get(chat) or find(viewer, chat) for chat in chats]
    if None in found:
        raise Unjudged(f"{viewer.name} is not shown a message that was accepted (SEND-4)")
    return [shown for shown in found if shown]


# -- reactions -------------------------------------------------------------------------------------


@requirement("LIST-12")
def test_reactions_name_and_count_those_who_reacted(
    host: Participant, alice: Participant, bob: Participant, limits: Limits
) -> None:
    """Each reaction is shown with those who gave it and nobody else, to everyone."""
    up, down = limits.reactions[0], limits.reactions[-1]
    chats = {
        person: person.send(f"{person.name} asks what you think") for person in (alice, bob, host)
    }
    listed = look_up(alice, *chats.values())
    users = {person: shown.user for person, shown in zip(chats, listed, strict=True)}
    if len(set(users.values())) < len(users):
        current().leave_open("the participants do not have user ids of their own (LIST-10)")
        return
    chat, other, _ = chats.values()
    given = {chat.id: {up: {alice, bob}}, other.id: {down: {bob}}}
    given[chat.id].setdefault(down, set()).add(host)
    held: dict[tuple[str, str, Participant], Reacted] = {}
    for place, reactions in given.items():
        for reaction, people in reactions.items():
            for person in sorted(people, key=lambda one: one.name):
                held[place, reaction, person] = person.react(place, reaction)
            people -= {one for one in people if not held[place, reaction, one].accepted}
    for viewer in (alice, host, bob):
        for shown in look_up(viewer, *chats.values()):
            shows(shown, given.get(shown.id, {}), users, limits)


@requirement("LIST-12")
def test_who_changes_a_reaction_is_shown_with_the_new_one_only(
    alice: Participant, bob: Participant, limits: Limits
) -> None:
    """Whoever takes a reaction back and gives another is listed under that one alone."""
    old, new = limits.reactions[0], limits.reactions[-1]
    chat, own = alice.send("what do you think"), bob.send("I changed my mind")
    users = {
        person: shown.user
        for person, shown in zip((alice, bob), look_up(alice, chat, own), strict=True)
    }
    liked = alice.react(chat, old)
    first = bob.react(chat, old)
    done = first.accepted and bob.unreact(chat, first).accepted
    second = bob.react(chat, new)
    listed = alice.reactions(chat)
    # Taken back by one view at least: else it is UNREACT-1's matter.
    gone = listed.accepted and done and first.id not in listed.ids
    given = liked.accepted and gone and second.accepted
    if old != new and given and users[alice] != users[bob]:
        shows(look_up(alice, chat)[0], {old: {alice}, new: {bob}}, users, limits)


def shows(
    shown: Shown,
    given: Mapping[str, set[Participant]],
    users: Mapping[Participant, str],
    limits: Limits,
) -> None:
    """A message shows the reactions that were given, by whom they were, and no others."""
    for reaction in limits.reactions:
        people = given.get(reaction, set())
        reacted(shown, reaction, limits, {users[person] for person in people})


@requirement("LIST-12")
def test_nobody_is_shown_with_a_reaction_they_did_not_give(
    corpus: Corpus, orders: Orders, limits: Limits
) -> None:
    """Under every order, nobody is listed under a reaction who did not give it."""
    users: dict[str, set[str]] = {}
    posts = {post.id: post for post in corpus}
    for message in orders.messages.values():
        if message.id in posts:
            users.setdefault(posts[message.id].sender.name, set()).add(message.user)
    if len(set.union(set(), *users.values())) != len(users):
        current().leave_open("the participants do not have one user id each (LIST-10)")
        return
    for message in (one for walk in orders for one in walk.messages if one.id in posts):
        for reaction in limits.reactions:
            gave = [name for held, name in posts[message.id].reactions if held == reaction]
            allowed = {user for name in gave for user in users.get(name, ())}
            strangers = set(message.users(names(limits, reaction))) - allowed
            only(message, reaction, strangers, allowed)


def only(shown: Shown, reaction: str, strangers: set[str], allowed: Iterable[str]) -> None:
    holds(
        not strangers,
        f"{reaction} shows somebody who did not react so",
        expected=f"nobody but {', '.join(sorted(map(brief, allowed))) or 'nobody'}",
        actual=", ".join(sorted(map(brief, strangers))),
        on=shown.page,
        at=shown.pointer("reactions"),
    )


def reacted(shown: Shown, reaction: str, limits: Limits, expected: set[str]) -> None:
    """Those who reacted are listed; an entry twice is REACT-5's matter."""
    actual = set(shown.users(names(limits, reaction)))
    only(shown, reaction, actual - expected, expected)
    equal(
        sorted(expected & actual),
        sorted(expected),
        f"{reaction} does not show everyone who reacted so",
        on=shown.page,
        at=shown.pointer("reactions"),
    )


def names(limits: Limits, reaction: str) -> set[str]:
    return {reaction, *limits.spellings(reaction)}
