"""Who may call a reference server: sessions, people and their tokens."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from conformance.model import Person

NAMES = ("Alice", "Bob", "Carol", "Dave", "Erin", "Frank")


@dataclass(frozen=True, slots=True)
class Seat:
    """A person with the token that stands for them; the token stays out of the ``repr``."""

    person: Person
    token: str

    def __repr__(self) -> str:
        return f"Seat({self.person.session}/{self.person.name})"


@dataclass(frozen=True, slots=True)
class Roster:
    seats: tuple[Seat, ...]

    @property
    def people(self) -> dict[str, Person]:
        """The person behind each token."""
        return {seat.token: seat.person for seat in self.seats}

    @property
    def sessions(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(seat.person.session for seat in self.seats))

    def tokens(self, session: str) -> tuple[str, list[str]]:
        """The host's token and the members' tokens of a session."""
        seats = [seat for seat in self.seats if seat.person.session == session]
        host = next(seat.token for seat in seats if seat.person.host)
        return host, [seat.token for seat in seats if not seat.person.host]

    def dump(self) -> list[dict[str, Any]]:
        """The JSON form in which a parent process hands the roster to the server's process."""
        return [
            {"name": name, "host": host, "members": members}
            for name in self.sessions
            for host, members in [self.tokens(name)]
        ]


def load(sessions: Iterable[Mapping[str, Any]]) -> Roster:
    """A roster from the form of :meth:`Roster.dump`."""
    seats: list[Seat] = []
    for session in sessions:
        name = session["name"]
        seats.append(Seat(Person(f"{name}-host", "Host", name, host=True), session["host"]))
        for number, token in enumerate(session["members"]):
            who = NAMES[number] if number < len(NAMES) else f"Member {number + 1}"
            seats.append(Seat(Person(f"{name}-{who.lower().replace(' ', '-')}", who, name), token))
    return Roster(tuple(seats))


def invent(sessions: int = 2, members: int = 2) -> Roster:
    """A roster of random tokens: ``s1``, ``s2`` ... with a host and ``members`` members each."""
    return load(
        {
            "name": f"s{number}",
            "host": secrets.token_urlsafe(24),
            "members": [secrets.token_urlsafe(24) for _ in range(members)],
        }
        for number in range(1, sessions + 1)
    )
