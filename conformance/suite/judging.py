"""Holds what people are shown against the states that the model allows, and says what is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from conformance.client import Answer, Participant, ReactionsListed, Sent
from conformance.evidence import Unjudged, current
from conformance.model import Session
from conformance.oracle import UNSEEN, Call, Told, Verb, listed
from conformance.replay import Scribe
from conformance.suite.blame import (
    Deed,
    Difference,
    Discrepancy,
    Fixed,
    differences,
    of_difference,
    of_entries,
)
from conformance.suite.cast import Cast
from conformance.suite.looking import Sight, agreeing, newest
from conformance.values import brief, parse_instant
from conformance.views import find

MOST_OCTETS = 5000
"""Of the ids in one request of the reactions list, so that its line stays below 8,000 octets."""

Entries = dict[str, list[tuple[str, str]]]


class Judge:
    """``states`` are what the session may be; ``total`` counts the messages of others."""

    def __init__(self, cast: Cast, total: int, scribe: Scribe) -> None:
        self.cast, self.total, self.scribe = cast, total, scribe
        self.limits = cast.run.contract.limits
        self.states = {Session()}
        self.before = self.states
        self.fixed: dict[str, Fixed] = {}
        self.deed: Deed | None = None
        self.on: tuple[Answer, ...] = ()
        self.solid = True
        """Whether ``total`` is what is listed: refusals and failures may leave it wrong."""

    def follow(self, deed: Deed, before: set[Session], after: set[Session]) -> None:
        self.deed, self.before, self.states = deed, before, after

    def sent_abroad(self, who: Participant, text: str, answer: Sent) -> None:
        """What shows here of a message of another session is no matter of the call before it."""
        id, call = self.cast.person(who).id, Call(Verb.SEND, value=text)
        told = Told.of(answer.status)
        deed = Deed(who.name, False, id, call, told, self.state, stranger=True)
        self.follow(deed, self.states, self.states)

    @property
    def state(self) -> Session:
        """One of the possible states: messages and senders are the same in all of them."""
        return min(self.states, key=repr) if len(self.states) > 1 else next(iter(self.states))

    @property
    def wanted(self) -> list[str]:
        return [message.id for message in self.state.messages]

    # -- the message list ------------------------------------------------------------------------

    def look(self, viewer: Participant) -> None:
        sight = self._newest(viewer)
        self.scribe_list(viewer)
        kept = agreeing(self.states, self.total, sight, self.fixed)
        if not kept:
            self._disagree(sight)
        self.states = kept
        self.hold_fixed(sight)

    def _newest(self, viewer: Participant) -> Sight:
        current().check()
        sight = newest(viewer, self.wanted)
        self.on = tuple(sight.pages[-2:])
        return sight

    def scribe_list(self, viewer: Participant) -> None:
        self.scribe.list(viewer, sort=self.limits.created_key, ascending=False)

    def _disagree(self, sight: Sight) -> None:
        self.require_quiet(sight)
        self.require_shape(sight)
        viewer, wrong = sight.viewer, self._wrong(sight)
        again = self._newest(viewer)
        if agreeing(self.states, self.total, again, self.fixed):
            raise self._stale(viewer, wrong, again)
        shown = sight.snapshots(self.fixed)
        for other in self.cast.people:
            if other is viewer:
                continue
            theirs = self._newest(other)
            seen = theirs.snapshots(self.fixed)
            unlike = any(seen[chat] != shown[chat] for chat in seen.keys() & shown.keys())
            if unlike or agreeing(self.states, self.total, theirs, self.fixed):
                raise self._differing(wrong, theirs)
        raise wrong

    def _stale(self, viewer: Participant, wrong: Discrepancy, again: Sight) -> Discrepancy:
        summary = f"a list is right only at the second reading: {wrong.summary}"
        on = (*wrong.on, *again.pages[-1:])
        return Discrepancy("STATE-4", summary, wrong.expected, wrong.actual, on, wrong.check)

    def _differing(self, wrong: Discrepancy, other: Sight) -> Discrepancy:
        summary = f"participants are given different views: {wrong.summary}"
        on = (*other.pages[-1:], *wrong.on)
        return Discrepancy("STATE-5", summary, wrong.expected, wrong.actual, on, wrong.check)

    def _wrong(self, sight: Sight) -> Discrepancy:
        """What is wrong with a list that no state explains, by the state that is nearest to it."""
        seen, on = sight.snapshots(self.fixed), tuple(sight.pages[-2:])
        by_state = [
            (state, list(differences(state, seen, self.fixed, True)))
            for state in sorted(self.states, key=repr)
        ]
        state, found = min(by_state, key=lambda pair: len(pair[1]))
        deed = self.deed
        found.sort(key=lambda one: not (deed and deed.touches(one.chat)))
        if not found:
            return self._miscounted(sight, state, on)
        first = found[0]
        rule, summary = of_difference(deed, first)
        said = "; ".join(self._told(one) for one in found[:3])
        return Discrepancy(
            rule, summary, self._expected(first), said, on, self._check(sight, first, summary)
        )

    def _miscounted(self, sight: Sight, state: Session, on: tuple[Answer, ...]) -> Discrepancy:
        deed, expected = self.deed, self.total + len(state.messages)
        rule, summary = (
            "LIST-2",
            "totalCount is not the number of messages after a sequence of calls",
        )
        if deed and deed.refused and not deed.stranger:
            rule, summary = "STATE-1", f"a refused {deed.call.verb} changed totalCount"
        count = f"{self.said(sight.viewer)}.list().total"
        check = f"equal({count}, total + {len(state.messages)}, {summary!r})"
        return Discrepancy(rule, summary, str(expected), str(sight.total), on, (check,))

    def require_quiet(self, sight: Sight) -> None:
        """Raises :class:`Unjudged` where there are messages of nobody in this run.

        Those of another session are no stranger's: they are ISO-1's matter.
        """
        journal, old = self.cast.run.home.journal, self.cast.old
        shown = sight.messages
        if sight.total != self.total + len(self.state.messages):
            shown = [*shown, *sight.viewer.walk()]
        away = self.cast.run.away
        if away and any(one.id in away.journal.ids() for one in shown):
            summary = "a message of another session is listed"
            raise Discrepancy("ISO-1", summary, "none", "at least one", tuple(sight.pages))
        known = journal.ids() | old
        strangers = [
            one for one in shown if one.id not in known and one.text not in journal.texts()
        ]
        if strangers:
            raise Unjudged(
                f"another writer is at work in the session (message {brief(strangers[0].id)})"
            )

    def require_shape(self, sight: Sight) -> None:
        """A pin or a time in another form than the documented one says nothing of the session."""
        pages = tuple(sight.pages)
        for message in sight.messages:
            if message.oddly_pinned:
                shown = brief(message.raw["pinned"])
                summary = "a pinned message has no pinned.id that is a string"
                raise Discrepancy("LIST-11", summary, "a non-empty string", shown, pages)
            if parse_instant(str(message.raw.get("createdAt"))) is None:
                shown = brief(message.raw.get("createdAt"))
                summary = "a message has no createdAt that is a date-time"
                raise Discrepancy("LIST-1", summary, "a date-time", shown, pages)

    def hold_fixed(self, sight: Sight) -> None:
        """Text, sender and time of a message are as they were told and first shown."""
        for chat, shown in sight.snapshots(self.fixed).items():
            known = self.fixed[chat]
            if known.created is None:
                self.fixed[chat] = Fixed(known.text, known.user, shown.created)
        wrong = next(differences(self.state, sight.snapshots(self.fixed), self.fixed, False), None)
        if wrong:
            self.require_shape(sight)
            rule, summary = of_difference(self.deed, wrong)
            check = self._check(sight, wrong, summary)
            raise Discrepancy(
                rule, summary, self._expected(wrong), self._told(wrong), tuple(sight.pages), check
            )

    # -- the reactions list ----------------------------------------------------------------------

    def look_at_reactions(self, viewer: Participant, chats: Sequence[str] = ()) -> None:
        """Those of the messages given, or of the newest ones; of a deleted one by itself."""
        asked = list(chats) or self._worth_asking()
        if not asked:
            return
        answer = self._reactions(viewer, asked)
        if answer.refused and any(self.state.find(chat) is None for chat in asked):
            return  # RLIST-5
        entries = self._entries(answer, asked)
        kept = self._listing(entries)
        if not kept:
            self._disagree_on_reactions(viewer, asked, entries, answer)
        self.states = kept

    def _worth_asking(self) -> list[str]:
        deed = self.deed
        if deed and deed.call.verb is Verb.DELETE and self.state.find(deed.call.chat) is None:
            return [deed.call.chat]
        chosen, octets = list[str](), 0
        for chat in sorted(
            self.wanted[-self.limits.page_size :],
            key=lambda chat: not (deed and deed.touches(chat)),
        ):
            octets += len(quote(chat, safe="")) + len("&chatId=")
            if octets < MOST_OCTETS:
                chosen.append(chat)
        return chosen

    def _reactions(self, viewer: Participant, chats: Sequence[str]) -> ReactionsListed:
        current().check()
        answer = viewer.reactions(*chats)
        self.scribe.reactions(viewer, chats)
        self.on = (answer,)
        return answer

    def _entries(self, answer: ReactionsListed, asked: Sequence[str]) -> Entries:
        found: Entries = {chat: [] for chat in asked}
        for entry in answer:
            name = self.limits.reaction_of(entry["reaction"]) or entry["reaction"]
            found.setdefault(entry["chatId"], []).append((entry["id"], name))
        unasked = [chat for chat in found if chat not in asked]
        if unasked:
            summary = "the reactions list gives reactions of a message that was not asked for"
            raise Discrepancy("RLIST-2", summary, "those asked for", brief(unasked[0]), (answer,))
        return found

    def _listing(self, entries: Entries) -> set[Session]:
        possible = self.states
        for chat, given in entries.items():
            possible = {after for state in possible for after in listed(state, chat, given)}
        return possible

    def _disagree_on_reactions(
        self, viewer: Participant, asked: Sequence[str], entries: Entries, answer: ReactionsListed
    ) -> None:
        # Where the message list is wrong as well, that is what is told.
        self.look(viewer)
        wrong = self._wrong_entries(viewer, entries, answer)
        again = viewer.reactions(*asked)
        if self._listing(self._entries(again, asked)):
            summary = f"a list is right only at the second reading: {wrong.summary}"
            raise Discrepancy(
                "STATE-4", summary, wrong.expected, wrong.actual, (*wrong.on, again), wrong.check
            )
        self._require_alike_alone(viewer, asked, entries, answer)
        for other in self.cast.people:
            theirs = other.reactions(*asked)
            if self._listing(self._entries(theirs, asked)):
                summary = f"participants are given different views: {wrong.summary}"
                raise Discrepancy(
                    "STATE-5",
                    summary,
                    wrong.expected,
                    wrong.actual,
                    (theirs, *wrong.on),
                    wrong.check,
                )
        raise wrong

    def _require_alike_alone(
        self, viewer: Participant, asked: Sequence[str], entries: Entries, answer: ReactionsListed
    ) -> None:
        """RLIST-2: what is asked for among others has the reactions that it has alone."""
        for chat in asked if len(asked) > 1 else ():
            if any(listed(state, chat, entries[chat]) for state in self.states):
                continue
            alone = viewer.reactions(chat)
            given = self._entries(alone, [chat])[chat] if alone.accepted else []
            if any(listed(state, chat, given) for state in self.states):
                summary = "a message asked for among others has other reactions than alone"
                shown = brief(sorted(given)), brief(sorted(entries[chat]))
                raise Discrepancy("RLIST-2", summary, *shown, (alone, answer))

    def _wrong_entries(
        self, viewer: Participant, entries: Entries, answer: ReactionsListed
    ) -> Discrepancy:
        state = self.state
        chat = next(
            (
                chat
                for chat in entries
                if not any(listed(s, chat, entries[chat]) for s in self.states)
            ),
            next(iter(entries)),
        )
        message = state.find(chat)
        wanted = {(one.id, one.name) for one in message.reactions} if message else set()
        rule, summary = of_entries(self.deed, chat, wanted, entries[chat], message is not None)
        ids = ", ".join(
            sorted(
                f"{self.scribe.said(id)}.id" if id in self.scribe.names else repr(id)
                for id, _ in wanted
            )
        )
        call = f"{self.said(viewer)}.reactions({self.scribe.said(chat)})"
        check: tuple[str, ...] = (f"equal(sorted({call}.ids), sorted([{ids}]), {summary!r})",)
        if message is None:
            check = (f"listed = {call}", f"holds(listed.refused or not listed.ids, {summary!r})")
        return Discrepancy(
            rule, summary, brief(sorted(wanted)), brief(sorted(entries[chat])), (answer,), check
        )

    # -- other sessions --------------------------------------------------------------------------

    def keeps_reactions_from(self, outsider: Participant, chat: str) -> None:
        answer = self._reactions(outsider, [chat])
        if answer.accepted and any(entry["chatId"] in self.fixed for entry in answer):
            summary = "the reactions list gives an outsider those of this session"
            raise Discrepancy(
                "ISO-3", summary, "nothing", f"{len(answer.entries)} entries", (answer,)
            )

    def look_abroad(self, foreign: Sent, answer: Answer) -> None:
        """What people did to a message of another session had no effect there."""
        seen = find(self.cast.outsiders[0], foreign)
        if seen is None or seen.pin or any(entry.get("count") for entry in seen.reactions):
            what = "gone" if seen is None else "changed"
            summary = f"a message of another session was {what} by a call from this one"
            raise Discrepancy("ISO-2", summary, "as it was", what, (answer,))

    # -- words -----------------------------------------------------------------------------------

    def said(self, who: Participant) -> str:
        return self.scribe.person(who)

    def never(self, answer: Sent) -> tuple[str, ...]:
        return (f"holds(False, 'chatId {brief(answer.id)} was given before')",)

    def _expected(self, one: Difference) -> str:
        return self._people(one.expected)

    def _told(self, one: Difference) -> str:
        return f"{one.aspect} of {self.scribe.said(one.chat)}: {self._people(one.actual)}"

    def _people(self, value: object) -> str:
        if value == UNSEEN:
            return "pinned"
        if not isinstance(value, frozenset):
            return brief(value)
        names = {person.id: person.name for person in self.cast.persons.values()}
        return (
            ", ".join(sorted(f"{name} by {names.get(by, by)}" for name, by in value))
            or "no reactions"
        )

    def _check(self, sight: Sight, one: Difference, summary: str) -> tuple[str, ...]:
        """Lines of a test, in the suite's words, that show a difference."""
        who, chat = self.said(sight.viewer), self.scribe.said(one.chat)
        match one.aspect:
            case "missing" | "surplus":
                there = "is not" if one.aspect == "missing" else "is"
                return (f"holds(find({who}, {chat}) {there} None, {summary!r})",)
            case "pin":
                return (
                    f"equal(bool(shown({who}, {chat}).pin), {bool(one.expected)}, {summary!r})",
                )
            case "reactions":
                return tuple(self._counts(f"shown({who}, {chat})", one.expected, summary))
            case "created":
                return (f"equal(shown({who}, {chat}).created, {chat}.created, {summary!r})",)
            case aspect:
                return (f"equal(shown({who}, {chat}).{aspect}, {one.expected!r}, {summary!r})",)

    def _counts(self, shown: str, expected: frozenset[tuple[str, str]], summary: str) -> list[str]:
        lines = []
        for name in self.limits.reactions:
            people = sorted(by for held, by in expected if held == name)
            spelled = (name, *self.limits.spellings(name))
            lines.append(f"equal(sorted({shown}.users({spelled!r})), {people!r}, {summary!r})")
        return lines
