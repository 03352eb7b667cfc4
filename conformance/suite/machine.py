"""Plays a programme on a target, and holds what it shows after each step against the model.

The model is nondeterministic (see :mod:`conformance.oracle`): the machine keeps every session that
explains the answers and lists so far. Where none is left, it raises a :class:`Discrepancy`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from conformance.client import Answer, Participant, Reacted, Sent
from conformance.evidence import current
from conformance.model import Session
from conformance.oracle import UNSEEN, Call, Outcome, Told, Verb, successors
from conformance.replay import Scribe
from conformance.suite.blame import Deed, Discrepancy, Fixed, of_answer
from conformance.suite.cast import Cast
from conformance.suite.freedoms import Habits, habit
from conformance.suite.judging import Judge
from conformance.suite.looking import orders
from conformance.suite.meaning import Meaning, Thing
from conformance.suite.reading import Reader
from conformance.suite.sequences import (
    Do,
    Programme,
    Step,
    Which,
    burst_size,
    reaction_name,
    sent_text,
)


class Machine:
    """One sequence. ``terse``: nothing is looked at before the last step is done.

    ``twice``: everything is looked at once more, when nothing was done since.
    ``damaged``: a sequence went wrong before this one, and may have left something behind.
    """

    def __init__(
        self, cast: Cast, *, terse: bool = False, twice: bool = False, damaged: bool = False
    ) -> None:
        self.cast, self.terse, self.twice = cast, terse, twice
        self.limits = cast.run.contract.limits
        self.habits = Habits()
        transport = cast.run.transport
        self.scribe = Scribe(cast.run.contract, transport.base, cast.fixture())
        self.done: list[Step] = []
        """The steps that were more than a word: those that found what they speak of."""
        total = cast.people[0].list(take=self.limits.page_min).total
        self.judge = Judge(cast, total, self.scribe)
        self.meaning = Meaning(cast, self.judge)
        listed = len(cast.people[0].walk()) if damaged else len(cast.old)
        self.judge.solid = listed == total

    # -- a programme -----------------------------------------------------------------------------

    def play(self, programme: Programme) -> None:
        for step in programme:
            call = self._resolve(step)
            if call is None:
                continue
            self.done.append(step)
            call()
            if not self.terse:
                self._look(step)
            if self.twice:
                self._look_again(step)
        if self.terse and self.done:
            self._look(self.done[-1])
        else:
            self._look_at_last()

    @property
    def states(self) -> set[Session]:
        return self.judge.states

    @property
    def state(self) -> Session:
        """One of the possible states: ids and senders are the same in all of them."""
        return (
            min(self.judge.states, key=repr)
            if len(self.judge.states) > 1
            else next(iter(self.judge.states))
        )

    def _look(self, step: Step) -> None:
        people, deed = self.cast.people, self.judge.deed
        self.judge.look(people[step.viewer])
        if deed and deed.call.verb is not Verb.SEND and not deed.stranger:
            self.judge.look_at_reactions(people[(step.viewer + 1) % len(people)])
        self._settle()

    def _look_again(self, step: Step) -> None:
        people, self.judge.deed = self.cast.people, None
        self.judge.look(people[step.viewer])
        self.judge.look_at_reactions(people[(step.viewer + 1) % len(people)])

    def _settle(self) -> None:
        """Learn which freedom the target took, now that its effect was seen, or hold it to it."""
        deed, before = self.judge.deed, self.judge.before
        if deed is None or deed.stranger or len(before) != 1:
            return
        who = self.cast.persons[deed.actor]
        shown = {
            habit(self.limits, one, who, deed.call, deed.told, after)
            for one in before
            for after in self.states
        }
        seen = [one for one in shown if one]
        odd = self.habits.against(seen) if len(shown) == 1 else None
        if odd:
            known = self.habits.chosen[odd.topic]
            summary = f"{odd.topic} is treated in two ways"
            raise Discrepancy("STATE-3", summary, f"{known}, as before", odd.choice, self.judge.on)
        if any(one.topic not in self.habits.chosen for one in seen):
            # What one person was shown may be old: a choice is one that everybody sees.
            for viewer in self.cast.people:
                self.judge.look(viewer)
        self.habits.learn(seen if len(shown) == 1 else (), self.state)

    def _read(self, who: Participant, step: Step) -> None:
        self.judge.deed = None
        reader = Reader(self.judge, who, outside=who in self.cast.outsiders)
        chosen = orders(self.limits)[
            (step.value + 8 * (step.chat % 2)) % (2 * len(self.limits.sort_keys) + 1)
        ]
        if step.do is Do.WALK:
            reader.walk(chosen)
        elif step.which is Which.MADE_UP:
            reader.beyond(step.value)
        else:
            reader.page(chosen, step.chat, step.value)

    def _read_reactions(self, who: Participant, chat: str) -> None:
        self.judge.deed = None
        if who in self.cast.outsiders:
            self.judge.keeps_reactions_from(who, chat)
        else:
            live = [message.id for message in self.state.messages][-5:]
            self.judge.look_at_reactions(who, tuple(dict.fromkeys([chat, *live])))

    def _look_at_last(self) -> None:
        """In the end everybody looks at everything."""
        for viewer in self.cast.people:
            self.judge.look(viewer)
            self.judge.look_at_reactions(viewer)

    # -- from a step to a call -------------------------------------------------------------------

    def _resolve(self, step: Step) -> Callable[[], None] | None:
        """The call that a step means here; ``None`` where there is nothing that it speaks of."""
        chat = None if step.do in (Do.SEND, Do.BURST, Do.LIST, Do.WALK) else self.meaning.chat(step)
        held = self.meaning.held(step, chat) if chat else None
        who = self.meaning.actor(step, chat, held)
        if who is None:
            return None
        match step.do:
            case Do.SEND:
                return lambda: self._send(who, step)
            case Do.BURST:
                return lambda: self._burst(who, burst_size(self.limits, step.value))
            case Do.LIST | Do.WALK:
                return lambda: self._read(who, step)
        if chat is None:
            return None
        match step.do:
            case Do.REACTIONS:
                return lambda: self._read_reactions(who, chat)
            case Do.DELETE:
                return lambda: self._act(who, Call(Verb.DELETE, chat))
            case Do.REACT:
                name = reaction_name(self.limits, step)
                return lambda: self._act(who, Call(Verb.REACT, chat, name))
            case Do.PIN:
                return lambda: self._act(who, Call(Verb.PIN, chat))
        verb = Verb.UNREACT if step.do is Do.UNREACT else Verb.UNPIN
        return None if held is None else lambda: self._act(who, Call(verb, chat, held))

    # -- calls that change something -------------------------------------------------------------

    def _send(self, who: Participant, step: Step) -> None:
        text = sent_text(self.limits, step, len(self.meaning.things))
        answer = who.send(text)
        self.scribe.send(who, text, answer.id if answer.accepted else "")
        if who in self.cast.outsiders:
            self.judge.sent_abroad(who, text, answer)
            return
        self._sent(who, text, answer)

    def _burst(self, who: Participant, count: int) -> None:
        if who in self.cast.outsiders:
            return
        texts = [f"number {number}" for number in range(1, count + 1)]
        answers = [who.send(text) for text in texts]
        self.scribe.send_many(who, texts, [one.id for one in answers])
        for text, answer in zip(texts, answers, strict=True):
            self._sent(who, text, answer)

    def _sent(self, who: Participant, text: str, answer: Sent) -> None:
        call, told = Call(Verb.SEND, value=text), Told.of(answer.status)
        if answer.accepted:
            stored = answer.text if isinstance(answer.text, str) else None
            told = Told(Outcome.ACCEPTED, answer.id, stored)
        if (
            answer.accepted
            and answer.id in self.meaning.things
            and self.state.find(answer.id) is None
        ):
            summary = "a new message has the id of a deleted one"
            raise Discrepancy(
                "SEND-3", summary, "a new id", "an old one", (answer,), self.judge.never(answer)
            )
        self._follow(who, call, told, answer)
        if answer.accepted:
            self.meaning.things[answer.id] = Thing(answer.id, who)
            self.judge.fixed[answer.id] = Fixed(told.text, self.cast.person(who).id)

    def _act(self, who: Participant, call: Call) -> None:
        answer = self._make(who, call)
        told = Told.of(
            answer.status, answer.id if answer.accepted and isinstance(answer, Reacted) else None
        )
        self._write(who, call, told)
        self._follow(who, call, told, answer)
        self._remember(who, call, told)
        if self.meaning.foreign and call.chat == self.meaning.foreign[0].id:
            self.judge.look_abroad(self.meaning.foreign[0], answer)

    def _make(self, who: Participant, call: Call) -> Answer:
        value = call.value or ""
        match call.verb:
            case Verb.DELETE:
                return who.delete(call.chat)
            case Verb.REACT:
                return who.react(call.chat, call.value)
            case Verb.UNREACT:
                return who.unreact(call.chat, value)
            case Verb.PIN:
                return who.pin(call.chat)
            case _:
                return who.unpin(call.chat, value)

    def _write(self, who: Participant, call: Call, told: Told) -> None:
        chat, value = call.chat, call.value or ""
        match call.verb:
            case Verb.DELETE:
                self.scribe.call(who, "delete", "deleteChat", chatId=chat)
            case Verb.REACT:
                self.scribe.react(who, chat, value, told.id or "")
            case Verb.UNREACT:
                self.scribe.call(who, "unreact", "removeReaction", chatId=chat, reactionId=value)
            case Verb.PIN:
                self.scribe.call(who, "pin", "pinChat", chatId=chat)
            case _:
                self.scribe.call(who, "unpin", "unpinChat", chatId=chat, pinId=value)

    def _follow(self, who: Participant, call: Call, told: Told, answer: Answer) -> None:
        """The states that may follow. Raises :class:`Discrepancy` where there are none."""
        stranger = who in self.cast.outsiders or call.chat in [
            one.id for one in self.meaning.foreign
        ]
        person = self.cast.person(who)
        deed = Deed(
            who.name, who.is_host and not stranger, person.id, call, told, self.state, stranger
        )
        current().check()
        if told.outcome is Outcome.UNKNOWN:
            # In the words of the watch, which finds it too.
            what = "server error" if answer.status >= 500 else "broken answer"
            summary = f"{answer.exchange.operation} got a {what}"
            raise Discrepancy(
                "HTTP-1", summary, "a status below 500", answer.exchange.outcome(), (answer,)
            )
        before = self.states
        after = self._unmoved(deed) if stranger else self._stacked(deed, self._after(who, deed))
        if not after:
            rule, summary = of_answer(self.limits, deed)
            wanted = "refused" if not deed.refused else "accepted"
            check = (f"{wanted}({self.scribe.answer()})",)
            raise Discrepancy(rule, summary, wanted, answer.exchange.outcome(), (answer,), check)
        self.judge.follow(deed, before, after)

    def _after(self, who: Participant, deed: Deed) -> set[Session]:
        found = set[Session]()
        for state in self.states:
            crowded = self.habits.may_crowd(state)
            found |= successors(
                self.limits,
                state,
                self.cast.person(who),
                deed.call,
                deed.told,
                pinned_elsewhere=crowded,
                keeps=frozenset() if crowded else frozenset({"PIN-8"}),
            )
        return found

    def _stacked(self, deed: Deed, after: set[Session]) -> set[Session]:
        """PIN-7 (SHOULD): where a second pin was added to the first, an unpin takes one of them."""
        thing = self.meaning.things.get(deed.call.chat)
        if deed.call.verb is not Verb.UNPIN or deed.refused or not (thing and thing.pinned_twice):
            return after
        found = ((state, state.find(deed.call.chat)) for state in after)
        return after | {
            state.put(replace(message, pin=UNSEEN)) for state, message in found if message
        }

    def _unmoved(self, deed: Deed) -> set[Session]:
        """ISO-2: reactions and pins are refused; whatever else is answered, nothing changes."""
        makes = deed.call.verb in (Verb.REACT, Verb.PIN)
        return set() if makes and not deed.refused else self.states

    def _remember(self, who: Participant, call: Call, told: Told) -> None:
        """What is gone, for later steps to speak of."""
        thing, deed = self.meaning.things.get(call.chat), self.judge.deed
        message = deed.before.find(call.chat) if deed else None
        if thing is None or message is None or told.outcome is not Outcome.ACCEPTED:
            return
        if call.verb is Verb.PIN:
            thing.pinned_twice = message.pin is not None
        if call.verb is Verb.UNREACT:
            thing.gone_reactions += [one for one in message.reactions if one.id == call.value]
        if call.verb is Verb.UNPIN and message.pin and message.pin == call.value:
            thing.gone_pins.append(message.pin)
