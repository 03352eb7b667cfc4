"""What a target does in calm where the contract leaves a choice, for histories to hold it to."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.client import Participant, Sent
from conformance.evidence import Unjudged
from conformance.model import Person
from conformance.run import Run
from conformance.suite.races import text
from conformance.suite.steps import unmet
from conformance.views import find


@dataclass(frozen=True, slots=True)
class Habits:
    """``people`` are by their names, under the ids that the target shows for them."""

    people: dict[str, Person]
    keeps: frozenset[str]
    """Which of REACT-5, PIN-7 and PIN-8 (all SHOULD) the target was seen to keep."""

    @property
    def many_pins(self) -> bool:
        return "PIN-8" in self.keeps


def learn(run: Run) -> Habits:
    """About twenty calls, one at a time. Raises Unjudged and Unmet."""
    if run.transport.wait:
        raise Unjudged("the target shows writes late (STATE-4): its calls may have no order")
    sent = {person.name: person.send(text("To learn habits from")) for person in run.home.all}
    host, member = run.home.host, run.home.members[0]
    one, other = sent[host.name], sent[member.name]
    keeps = set[str]()
    # Histories take a refusal for a message that is not there (RLIST-5).
    for chat in (one, other):
        _require_listed(member, chat)
    if _reacts_once(run, member, one):
        keeps.add("REACT-5")
    host.pin(one)
    host.pin(one)
    first = _pin(host, one)
    host.pin(other)
    if first:
        keeps.add("PIN-7")
    many = first and _pin(host, other) and _pin(host, one)
    if many and not run.home.journal.one_pin:
        keeps.add("PIN-8")
    return Habits(_people(run, sent), frozenset(keeps))


def _require_listed(viewer: Participant, chat: Sent) -> None:
    answer = viewer.reactions(chat)
    if answer.refused:
        summary = "the reactions of a message without any cannot be listed"
        raise unmet("RLIST-1", summary, "200", answer.exchange.outcome(), (answer.exchange,))


def _reacts_once(run: Run, person: Participant, chat: Sent) -> bool:
    name = run.contract.limits.reactions[0]
    for _ in range(2):
        person.react(chat, name)
    return len(person.reactions(chat).entries) == 1


def _pin(host: Participant, chat: Sent) -> str | None:
    shown = find(host, chat)
    return shown.pin if shown else None


def _people(run: Run, sent: dict[str, Sent]) -> dict[str, Person]:
    people = {}
    for person in run.home.all:
        shown = find(run.home.host, sent[person.name])
        if shown is None:
            raise Unjudged("a message that was just sent is not listed (SEND-4)")
        people[person.name] = Person(shown.user, person.name, run.home.session, person.is_host)
    return people
