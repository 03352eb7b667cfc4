"""Who acts in a run: the people of the home session, and those of another one."""

from __future__ import annotations

from dataclasses import dataclass, field

from conformance.client import Participant
from conformance.contract import Contract
from conformance.journal import Journal
from conformance.settings import SessionTokens
from conformance.transport import Transport

MEMBERS = ("alice", "bob", "carol", "dave", "erin", "frank")


@dataclass(frozen=True)
class People:
    """The participants of one session, by the roles that the settings give them."""

    session: str
    host: Participant
    members: tuple[Participant, ...]
    journal: Journal = field(repr=False)

    @property
    def all(self) -> tuple[Participant, ...]:
        return (self.host, *self.members)


def gather(
    tokens: SessionTokens,
    transport: Transport,
    contract: Contract,
    journal: Journal,
    prefix: str = "",
) -> People:
    """The people of a session; members are called alice, bob, ..., in the order of the settings."""

    def person(name: str, number: int) -> Participant:
        secret = tokens.secrets[number]
        shown = f"{prefix}{name}"
        return Participant(shown, secret, transport, contract, journal, is_host=number == 0)

    names = [
        MEMBERS[n] if n < len(MEMBERS) else f"member{n + 1}" for n in range(len(tokens.members))
    ]
    members = tuple(person(name, number) for number, name in enumerate(names, 1))
    return People(tokens.name, person("host", 0), members, journal)
