"""Who plays in sequences, and what is known of the session before they begin."""

from __future__ import annotations

from dataclasses import dataclass

from conformance.client import Participant
from conformance.evidence import Unjudged
from conformance.model import Person
from conformance.run import Run


@dataclass(frozen=True, slots=True)
class Cast:
    run: Run
    people: tuple[Participant, ...]
    """The host and two members."""
    outsiders: tuple[Participant, ...]
    """A member and the host of another session, where there is one."""
    persons: dict[str, Person]
    """By their names, under the ids that the target shows."""
    old: frozenset[str]
    """The ids of the messages that were there before."""

    def person(self, who: Participant) -> Person:
        """Someone of another session has an id that nobody in this one has."""
        return self.persons.get(who.name) or Person(f"\0{who.name}", who.name, "away", who.is_host)

    def fixture(self) -> dict[str, str]:
        """The suite's names of the people."""
        names = dict(zip((one.name for one in self.people), ("host", "alice", "bob"), strict=True))
        strangers = zip(
            (one.name for one in self.outsiders), ("outsider", "other_host"), strict=False
        )
        return {**names, **dict(strangers)}

    def tidy(self) -> None:
        """Delete what was sent since the last time."""
        self.run.end_test()
        self.run.begin_test()


def assemble(run: Run) -> Cast:
    """About ten calls: everybody sends a message, to be known by."""
    people = (run.home.host, *run.home.members[:2])
    sent = {one.name: one.send("To be known by").id for one in people}
    listed = {message.id: message for message in run.home.host.walk()}
    if not listed.keys() >= set(sent.values()):
        raise Unjudged("a message that was just sent is not listed (SEND-4)")
    persons = {
        one.name: Person(listed[sent[one.name]].user, one.name, run.home.session, one.is_host)
        for one in people
    }
    if len({one.id for one in persons.values()}) < len(people):
        raise Unjudged("several people are shown under one user id (LIST-10)")
    away = run.away
    outsiders = (*away.members[:1], away.host) if away else ()
    cast = Cast(run, people, outsiders, persons, frozenset(listed.keys() - set(sent.values())))
    cast.tidy()
    return cast
