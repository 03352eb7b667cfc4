"""Before the suite: does the target answer, and are the tokens who they are said to be?

What cannot be proved is named with its reason, and the requirements that need it stay inconclusive.
A server's own faults must not look like a wrong set-up, nor the other way round: a session has
exactly one host, so two people of a session who both have a host's powers are the server's fault,
and a "host" without any of them is the set-up's.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from conformance import lag
from conformance.catalogue import Need
from conformance.client import Participant, Sent
from conformance.evidence import Unjudged, Unmet
from conformance.people import People
from conformance.views import View, find, look

PROBE = "Checking."
LEAST_MEMBERS = 2


@dataclass
class Standing:
    """What is not proven, by need, with the reason; and what was found out on the way."""

    missing: dict[Need, str] = field(default_factory=dict)
    server: str = ""
    """The ``Server`` header of the target."""
    facts: list[str] = field(default_factory=list)
    """One line for each thing that was looked at, for ``doctor``."""
    blocked: str = ""
    """Why nothing at all can be judged; empty where something can."""
    lag: float = 0.0
    """Seconds that what is written takes to show; 0 where it shows at once."""

    def lacks(self, need: Need, reason: str) -> None:
        self.missing.setdefault(need, reason)
        self.facts.append(f"NOT PROVEN  {reason}")

    def proved(self, fact: str) -> None:
        self.facts.append(f"ok          {fact}")

    def block(self, reason: str) -> None:
        self.blocked = reason
        self.facts.append(f"BLOCKED     {reason}")


def examine(home: People, away: People | None) -> Standing:
    """Look at the target with every token. Sends, pins and deletes a few messages."""
    standing = Standing()
    try:
        _look_at(home, away, standing)
    except Unjudged as problem:
        standing.block(f"{home.host.transport.base}: {problem}")
    return standing


def _look_at(home: People, away: People | None, standing: Standing) -> None:
    if not _reaches(home, standing):
        return
    for people in (home, away) if away else (home,):
        _tokens_work(people, standing)
    if standing.blocked:
        return
    _require_members(home, standing)
    _wait_for_writes(home, standing)
    try:
        before = look(home.host)
        _Roles(home, away, standing).prove()
        _require_quiet(home, before, standing)
    except Unmet as lacking:
        standing.facts.append(f"note        {lacking}")


def _reaches(home: People, standing: Standing) -> bool:
    transport = home.host.transport
    error = transport.reach()
    if error:
        standing.block(f"{transport.base} cannot be reached: {error}")
        return False
    response = home.host.list().exchange.response
    standing.server = (response.header("server") if response else None) or ""
    standing.proved(f"{transport.base} answers")
    return True


def _tokens_work(people: People, standing: Standing) -> None:
    for person in people.all:
        page = person.list()
        if page.status in (401, 403):
            standing.block(
                f"the token {person.secret!r} ({people.session}, {person.name}) is not accepted: "
                f"{page.exchange.outcome()}; is it expired, or for another target?"
            )
        elif page.accepted:
            standing.proved(f"{person.secret!r} is accepted")


def _require_members(home: People, standing: Standing) -> None:
    if len(home.members) < LEAST_MEMBERS:
        standing.lacks(
            Need.MEMBERS,
            f"session {home.session} has {len(home.members)} member tokens, and two are needed",
        )


def _wait_for_writes(home: People, standing: Standing) -> None:
    """From here on, where the target shows late what was written. STATE-4 is judged without."""
    standing.lag = home.host.transport.lag = lag.measure(home)
    if standing.lag:
        fact = f"what is written shows late (STATE-4): each call waits {standing.lag:g} s for it"
        standing.facts.append(f"note        {fact}")


def _require_quiet(home: People, before: View, standing: Standing) -> None:
    strangers = look(home.host).foreign(before)
    if strangers:
        standing.lacks(
            Need.QUIET,
            f"somebody else writes in session {home.session} (message {strangers[0]!r}); "
            "use a session that nobody else is in",
        )
    else:
        standing.proved(f"nobody else writes in session {home.session} ({before.total} messages)")


class _Roles:
    """Whose powers are whose, shown by what each person's calls do."""

    def __init__(self, home: People, away: People | None, standing: Standing) -> None:
        self.home, self.away, self.standing = home, away, standing
        self.probes: dict[str, Sent] = {}

    def prove(self) -> None:
        try:
            self._send_probes()
            self._distinct_people()
            self._host_is_the_host()
            self._how_many_pins()
            self._other_session_is_apart()
        except Unmet as lacking:
            # The suite finds it again, with a test's words; here it only leaves roles unproven.
            self.standing.facts.append(f"note        {lacking}")
        finally:
            self._delete_probes()

    def _send_probes(self) -> None:
        people = (*self.home.all, *((self.away.host,) if self.away else ()))
        for person in people:
            sent = person.send(PROBE)
            if sent.accepted:
                self.probes[person.name] = sent

    def _distinct_people(self) -> None:
        """Two tokens of one person would make every rule about others fail, or hold for nothing."""
        users: dict[str, Participant] = {}
        for person in self.home.all:
            user = self._user(person)
            twin = users.setdefault(user, person) if user else person
            if twin is not person and self._is_allowed(person, twin):
                need = Need.ROLES if self.home.host in (person, twin) else Need.MEMBERS
                reason = (
                    f"{twin.secret!r} and {person.secret!r} look like one person: same user id, "
                    "and each may do what only the other should"
                )
                self.standing.lacks(need, reason)
                return
        self.standing.proved(f"the tokens of {self.home.session} are distinct people")

    def _user(self, person: Participant) -> str | None:
        probe = self.probes.get(person.name)
        shown = find(person, probe) if probe else None
        user = shown.raw.get("user") if shown else None
        found = user.get("id") if isinstance(user, dict) else None
        return found if isinstance(found, str) else None

    def _is_allowed(self, person: Participant, twin: Participant) -> bool:
        """Whether ``person`` may take back a reaction of ``twin``: nobody but twin and host may."""
        probe = self.probes.get(self.home.host.name)
        if probe is None:
            return False
        ordinary, other = (twin, person) if person.is_host else (person, twin)
        held = other.react(probe, person.contract.limits.reactions[0])
        return held.accepted and ordinary.unreact(probe, held).accepted

    def _host_is_the_host(self) -> None:
        host, members = self.home.host, self.home.members
        if self._has_host_powers(host, self.home):
            self.standing.proved(f"{host.secret!r} has a host's powers")
            return
        real = next((one for one in members if self._has_host_powers(one, self.home)), None)
        self.standing.lacks(
            Need.ROLES,
            f"{host.secret!r} is no host: it may neither pin nor remove what others made"
            + (
                f"; {real.secret!r} may: are they swapped?" if real else "; is it a member's token?"
            ),
        )

    def _has_host_powers(self, person: Participant, people: People) -> bool:
        """Whether a person can do any one thing that only a host can."""
        own = self.probes.get(person.name)
        if own and person.pin(own).accepted:
            shown = find(person, own)
            if shown and shown.pin:
                person.unpin(own, shown.pin)
            return True
        others = [self.probes[one.name] for one in people.all if one.name in self.probes]
        other = next((probe for probe in others if probe is not own), None)
        return bool(other and person.delete(other).accepted and not find(person, other))

    def _how_many_pins(self) -> None:
        """Pin a few messages: a target may refuse the second or third, or move the pin to it."""
        probes = [self.probes[one.name] for one in self.home.all if one.name in self.probes]
        host = self.home.host
        if Need.ROLES in self.standing.missing or len(probes) < 2:
            return
        answers = [host.pin(probe) for probe in probes]
        seen = [find(host, probe) for probe in probes]
        pins = [message.pin if message else None for message in seen]
        kept = [bool(pin) for answer, pin in zip(answers, pins, strict=True) if answer.accepted]
        count = sum(kept)
        # Those that gave way are the first; one lost between others is PIN-1's matter.
        if answers[0].accepted and count and kept == sorted(kept) and count < len(pins):
            self.home.journal.one_pin = True
            noun = "message" if count == 1 else "messages"
            self.standing.facts.append(
                f"note        {count} {noun} can be pinned at a time (PIN-8)"
            )
        for probe, pin in zip(probes, pins, strict=True):
            if pin:
                host.unpin(probe, pin)

    def _other_session_is_apart(self) -> None:
        if self.away is None:
            self.standing.lacks(Need.SECOND_SESSION, "no tokens of a second session are given")
            return
        outsider, probe = self.away.host, self.probes.get(self.home.host.name)
        sees = probe is not None and find(outsider, probe) is not None
        if sees and not self._has_host_powers(outsider, self.away):
            self.standing.lacks(
                Need.SECOND_SESSION,
                f"{outsider.secret!r} sees the messages of session {self.home.session} and is no "
                "host: it looks like a token of the same session",
            )
            return
        self.standing.proved(f"session {self.away.session} is another one than {self.home.session}")

    def _delete_probes(self) -> None:
        people = {person.name: person for person in self.home.all}
        if self.away:
            people[self.away.host.name] = self.away.host
        for name, probe in self.probes.items():
            if not people[name].delete(probe).accepted:
                self.home.host.delete(probe)
