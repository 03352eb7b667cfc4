"""A few messages that only refused calls are aimed at, so that tests of refusals can share them.

Each person sent one and reacted to each; the host's and alice's are pinned, bob's was pinned once.
Another one had a reaction that was taken back, and one was deleted: neither must come back.
The stage is looked at before a test uses it, and built anew where anything about it has changed.
What it is made of is not judged here: a step that failed is ``Unmet`` where a test needs it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from conformance.client import Answer, Done, Participant, Reacted, Sent
from conformance.evidence import Unjudged, Unmet
from conformance.expect import (
    On,
    holds,
    refused,
    require_counted,
    require_quiet,
    require_steady,
)
from conformance.expect import call as named
from conformance.journal import Entry
from conformance.run import Run, tidy
from conformance.suite import steps
from conformance.views import Change, View, differences, look

Call = Callable[[], Answer]
Judge = Callable[[Answer], bool]
"""Judges the answer to a call; whether it must have changed nothing."""


@dataclass
class Post:
    """A message of the stage, and the reactions to it by the names of those who reacted."""

    sent: Sent
    held: dict[str, Reacted] = field(default_factory=dict)

    @property
    def usable(self) -> bool:
        try:
            return bool(self.sent.id)
        except Unmet:
            return False


class Stage:
    """The messages, and what each person was last shown of them."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.host = run.home.host
        self.people = (self.host, *run.home.members[:2])
        self._posts: dict[str, Post] = {}
        self._bare: Post | None = None
        self._views: dict[str, View] = {}
        self._entries: list[Entry] = []
        self._spoilt = True
        self._checked = False
        self._seen_at = -1
        """How many requests the run had sent at the last look."""

    # -- what stands on it -----------------------------------------------------------------------

    def of(self, person: Participant) -> Sent:
        """The message of a person, with reactions by everyone."""
        return self._post(person).sent

    @property
    def bare(self) -> Sent:
        """Another message of the host, which is not pinned and has no reactions."""
        self._check()
        assert self._bare is not None
        return self._bare.sent

    @property
    def ids(self) -> tuple[str, ...]:
        """The ids of all messages."""
        self._check()
        return self._ids

    def reaction(self, *, on: Participant, by: Participant) -> Reacted:
        """The reaction of one person to the message of another."""
        held = self._post(on).held.get(by.name)
        # Where the message has no id, asking for it says so.
        return held or by.react(self.of(on), by.contract.limits.reactions[0])

    def pin(self, *, on: Participant) -> str:
        """The pin of a person's message; where one can be pinned at a time, it moves there."""
        chat = self.of(on)
        shown = self._views[self.host.name].messages.get(chat.id)
        if shown and shown.pin:
            return shown.pin
        if self.run.home.journal.one_pin:
            self._unpin()
        pin = steps.pin(self.host, chat)
        self._look(*self.people)
        return pin

    def _post(self, person: Participant) -> Post:
        self._check()
        return self._posts[person.name]

    # -- before and after a test -----------------------------------------------------------------

    def enter(self, *, checked: bool = False) -> None:
        """Be there for a test; ``checked``: as it is, where nobody will look at it."""
        if self._spoilt:
            self._build()
        self._checked = checked

    def _check(self) -> None:
        """Look, before anything of the stage is used, whether it is as it was."""
        if not self._checked:
            self._checked = True
            if not self._as_known():
                self._build()

    def leave(self) -> None:
        """Where only one message can be pinned, the scenarios about pins need that one."""
        if self.run.home.journal.one_pin and not self._spoilt:
            self._unpin()

    def _as_known(self) -> bool:
        if self._untouched():
            return True
        known = self._views[self.host.name]
        # What others pushed off the newest page would have to be walked to each time.
        self._look(self.host, far=False)
        now = self._views[self.host.name]
        there = self._own(known).messages.keys() <= now.messages.keys()
        return there and not differences(self._own(known), self._own(now))

    def _untouched(self) -> bool:
        return self.run.transport.requests == self._seen_at

    def _unpin(self) -> None:
        for chat, shown in self._own(self._views[self.host.name]).messages.items():
            if shown.pin:
                self.host.unpin(chat, shown.pin)
                for name, view in self._views.items():
                    if chat in view.messages:
                        self._views[name] = view.pinned_as(chat, None)

    # -- calls that are refused ------------------------------------------------------------------

    def refuses(
        self,
        *calls: Call,
        judge: Judge = refused,
        rules: tuple[str, ...] = (),
        seen_by: tuple[Participant, ...] = (),
    ) -> None:
        """The calls are judged one by one, and together they leave both views as they were.

        The host looks, and so does everyone in ``seen_by``. A change is a finding under each of
        ``rules``, and of STATE-1 where the call was refused; by default of the test's first alone.
        """
        self.unmoved_by([(call, judge) for call in calls], rules, seen_by)

    def unmoved_by(
        self,
        tries: Sequence[tuple[Call, Judge]],
        rules: tuple[str, ...] = (),
        seen_by: tuple[Participant, ...] = (),
    ) -> None:
        """As ``refuses``, with a judge for each call."""
        viewers = tuple(dict.fromkeys((self.host, *seen_by)))
        # What the test itself has sent or done meanwhile may have come to more than it should.
        self._checked = False
        self._check()
        answers, right = [], []
        for call, judge in tries:
            answers.append(call())
            right += [(call, answers[-1].status)] if judge(answers[-1]) else []
        changes, after = self._changes(viewers, answers)
        if not changes:
            holds(True, "", rule=rules[0] if rules else None)
            return
        self._spoilt = True
        require_steady(after)
        self._require_steady(viewers)
        if not self._culprits(right, viewers, rules) and len(right) == len(answers):
            self._blame_all([call for call, _ in right], viewers, rules)

    def _culprits(
        self,
        calls: list[tuple[Call, int]],
        viewers: tuple[Participant, ...],
        rules: tuple[str, ...],
    ) -> bool:
        """Make each call again, alone; whether any changed something in spite of its status."""
        found = False
        for call, status in calls:
            try:
                if self._spoilt:
                    self._build()
                answer = call()
                changes, after = self._changes(viewers, [answer])
            except (Unmet, Unjudged):
                continue
            self._spoilt = bool(changes)
            if changes and answer.status == status:
                found = True
                what = f"{named(answer)} was answered {answer.status} and changed something"
                blamed = dict.fromkeys((*rules, "STATE-1") if rules and answer.refused else rules)
                _found(what, changes, (answer, *after.exchanges), tuple(blamed))
        return found

    def _blame_all(
        self, calls: list[Call], viewers: tuple[Participant, ...], rules: tuple[str, ...]
    ) -> None:
        """Make all calls again, where none changes anything alone."""
        if self._spoilt:
            self._build()
        answers = [call() for call in calls]
        changes, after = self._changes(viewers, answers)
        if not changes:
            raise Unjudged("the views changed once, and not again when the calls were repeated")
        self._spoilt = True
        what = "refused calls changed something together"
        _found(what, changes, (*answers, *after.exchanges), rules)

    def _require_steady(self, viewers: tuple[Participant, ...]) -> None:
        """Looking alone must not change a stage that is new (STATE-2)."""
        self._build()
        changes, after = self._changes(viewers, [])
        if changes:
            self._spoilt = True
            summary = "looking at messages changes what is shown of them"
            raise steps.unmet(
                "STATE-2", summary, "the same views", str(changes[0]), after.exchanges
            )

    def _changes(
        self, viewers: tuple[Participant, ...], answers: list[Answer]
    ) -> tuple[list[Change], View]:
        """What differs from the last look, and the look that shows it.

        What others than the host were last shown of other messages may be long ago.
        """
        shared = self._own(self._views[self.host.name])
        for viewer in viewers:
            before = self._views[viewer.name]
            # What is shown to some only is STATE-5's matter, and may come and go.
            if differences(shared, self._own(before)):
                continue
            self._look(viewer)
            after = _before_sending(self._views[viewer.name], answers)
            if viewer is self.host:
                require_quiet(before, after)
                if differences(before, after):
                    require_counted(before)
            else:
                before, after = self._own(before), self._own(after)
            found = differences(before, after)
            if found:
                break
        return found, after

    # -- looking and building --------------------------------------------------------------------

    @property
    def _ids(self) -> tuple[str, ...]:
        posts = [*self._posts.values(), *([self._bare] if self._bare else [])]
        return tuple(post.sent.id for post in posts if post.usable)

    def _own(self, view: View) -> View:
        """What a view shows of the stage."""
        ids = set(self._ids)
        kept = {id: shown for id, shown in view.messages.items() if id in ids}
        entries = frozenset(entry for entry in view.reactions if entry[0] in ids)
        return replace(view, total=0, messages=kept, reactions=entries)

    def _look(self, *viewers: Participant, far: bool = True) -> None:
        """Look at the newest page; ``far``: and for the stage wherever it is."""
        for viewer in viewers:
            self._views[viewer.name] = look(viewer, self._ids if far else ())
        self._seen_at = self.run.transport.requests

    def _build(self) -> None:
        journal = self.run.home.journal
        tidy(self.run.home, [one for one in self._entries if one.chat and not one.deleted])
        start = len(journal.entries)
        self._posts = {one.name: Post(one.send(f"On stage: {one.name}'s")) for one in self.people}
        self._bare = Post(self.host.send("On stage: the host's other one"))
        for number, post in enumerate(self._posts.values()):
            self._dress(number, post)
        self._undo(self._bare)
        self._look(*self.people)
        self._entries = journal.keep(start)
        self._spoilt = False

    def _dress(self, number: int, post: Post) -> None:
        """Reactions of both kinds by everyone, and a pin."""
        if not post.usable:
            return
        reactions = self.host.contract.limits.reactions
        for place, person in enumerate(self.people):
            name = reactions[(number + place) % len(reactions)]
            post.held[person.name] = person.react(post.sent, name)
        if not self.run.home.journal.one_pin:
            pinned = self.host.pin(post.sent)
            if number == len(self.people) - 1 > 0:
                self._take_off(post.sent, pinned)

    def _undo(self, bare: Post) -> None:
        """A reaction that is taken back, and a message that is deleted."""
        last = self.people[-1]
        if bare.usable:
            taken = last.react(bare.sent, last.contract.limits.reactions[0])
            if taken.accepted:
                last.unreact(bare.sent, taken)
        gone = Post(last.send("On stage: deleted"))
        if gone.usable:
            last.delete(gone.sent)

    def _take_off(self, chat: Sent, pinned: Done) -> None:
        page = self.host.list(sort=self.host.contract.limits.created_key, ascending=False)
        shown = page.get(chat) if pinned.accepted and page.accepted else None
        if shown and shown.pin:
            self.host.unpin(chat, shown.pin)


def _before_sending(view: View, answers: list[Answer]) -> View:
    """The view without those messages that a call was allowed to send after all."""
    for sent in answers:
        if isinstance(sent, Sent) and sent.accepted and Post(sent).usable:
            chat = sent.id
            view = view.without(chat, view.total - 1) if chat in view.messages else view
    return view


def _found(what: str, changes: list[Change], on: On, rules: tuple[str, ...]) -> None:
    shown = {"expected": "both views as they were", "actual": "; ".join(changes)}
    for rule in rules or (None,):
        holds(False, f"{what}: {changes[0].kind}", on=on, rule=rule, **shown)
