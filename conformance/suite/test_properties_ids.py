"""Properties that hold for whatever is sent: ids that nothing has, and ids of other things."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle
from random import Random
from urllib.parse import unquote

from conformance.client import Participant
from conformance.contract import Contract, Limits
from conformance.expect import holds
from conformance.plugin import requirement
from conformance.run import Run
from conformance.suite import odd_values
from conformance.suite.cases import Case, Source, perform, segment, source, whole, without_effect
from conformance.suite.expected import TABLE, judge, number
from conformance.suite.strangers import Scene, scene
from conformance.views import find

TAKING = ("deleteChat", "addReaction", "pinChat", "removeReaction", "unpinChat")
People = tuple[Participant, ...]


@dataclass(frozen=True)
class Ids:
    """Ids that mean something, and may stand where something else is meant."""

    at: Scene
    gone: str
    taken: frozenset[str]
    """Every id that a message of the session has, in one letter case."""
    strange: tuple[str, ...]
    """Ids of other things than messages, and what is close to the id of one."""

    @property
    def real(self) -> dict[str, str]:
        return {"chatId": self.at.marked.id, "reactionId": self.at.reaction, "pinId": self.at.pin}

    def names_nothing(self, name: str, id: str) -> bool:
        """Whether nothing of the kind that ``name`` asks for has this id, however it is read."""
        taken = self.taken if name == "chatId" else {self.real[name].casefold()}
        if any(one.isdigit() for one in taken) and number(id) != "none":
            return False
        return bool(id) and id.casefold().strip() not in taken


def ids(host: Participant, alice: Participant) -> Ids:
    at, gone = scene(host), alice.send("deleted before anything is asked of it")
    alice.send("a member's own")
    alice.delete(gone)
    listed = whole(host, host.contract.limits.created_key, ascending=True)
    # The walk may leave messages out (LIST-8), even this run's own.
    own = [entry.chat for entry in host.journal.left()]
    taken = frozenset(id.casefold() for id in (*listed.ids, *own))
    mine, shown = at.plain.id, find(host, at.plain)
    user = shown.user if shown else "none"
    near: tuple[str, ...] = (mine[:-1], f"{mine}0", mine + mine, f"x{mine}")
    if not mine.isdigit():  # who reads numbers may stop at what is none
        near = (*near, f"{mine}-0", f"{mine},{at.marked.id}", f"{mine}\0")
    kinds = (at.reaction, at.pin, user, gone.id, mine, at.marked.id, at.plain.created, at.names[0])
    return Ids(at, gone.id, taken, (*kinds, *near))


@requirement("REACT-6", "PIN-4", "DEL-6", "UNREACT-4", "PIN-6", "STATE-3", "HTTP-1")
def test_ids_of_nothing_and_of_other_things_have_no_effect(
    run: Run, host: Participant, alice: Participant, bob: Participant
) -> None:
    """In each place that takes an id: refused, and nothing changes, whatever it resembles."""
    data, known = source(run, "ids"), ids(host, alice)
    for rule in ("HTTP-1", "STATE-3"):
        holds(True, "", rule=rule)
    for random, seed in data.rounds():
        cases = [*odd_places(data, random, seed, known)]
        people = cycle((alice, bob, host))
        # Only the host may pin at all; what the host could delete, nobody else should lose.
        tries = [
            (host if "pin" in case.operation.lower() else next(people), case) for case in cases
        ]
        answers = without_effect(alice, tries, or_else="STATE-3")
        for answer, case in zip(answers, cases, strict=True):
            judge(answer, TABLE[case.operation, "id"], dict(case.segments))


def odd_places(data: Source, random: Random, seed: int, known: Ids) -> Iterator[Case]:
    """Each operation with one of its ids odd and any other one real."""
    contract = data.run.contract
    for name in TAKING:
        operation, body = contract.operations[name], known.at.body(contract.operations[name])
        made = [dict(case.segments) for case in data.edges(random, name, 2)]
        made += [
            dict(case.segments)
            for case in data.feed.drawn(operation, positive=True, seed=seed, count=3)
        ]
        for place in operation.path_parameters:
            odd = [one.get(place, "") for one in made]
            for what, parts, most in (
                ("nobody's", odd_values.NOBODYS, 2),
                ("wild", odd_values.WILD, 2),
                ("strange", [segment(one) for one in known.strange], 4),
            ):
                odd += data.deal(random, f"{name} {place} {what}", parts, most)
            for part in odd:
                if arrives(part) and known.names_nothing(place, unquote(part)):
                    yield Case(name, segments(contract, name, known, place, part), (), body)


def segments(
    contract: Contract, name: str, known: Ids, place: str, part: str
) -> tuple[tuple[str, str], ...]:
    places = contract.operations[name].path_parameters
    return tuple((one, part if one == place else segment(known.real[one])) for one in places)


def arrives(part: str) -> bool:
    """Whether a part of a path reaches the operation that it is meant for."""
    return part.strip(".") != "" and part.lower() not in ("%2e", "%2e%2e", "reactions")


# -- the reactions list ----------------------------------------------------------------------------


@requirement("RLIST-2", "RLIST-1", "HTTP-1")
def test_odd_ids_among_real_ones_bring_no_other_reactions(
    run: Run, host: Participant, alice: Participant, bob: Participant, limits: Limits
) -> None:
    """Whatever is asked for beside it, a message's reactions are listed, and no others."""
    data, known = source(run, "asked"), ids(host, alice)
    other = bob.send("with a reaction that is not asked for")
    bob.react(other, limits.reactions[-1])
    holds(True, "", rule="HTTP-1")
    marked, reaction = known.at.marked.id, known.at.reaction
    # Whether it is listed at all, under the id of its answer, is REACT-3's matter.
    alone = host.reactions(marked)
    wanted = (marked, reaction) if reaction in {entry["id"] for entry in alone} else None
    for random, seed in data.rounds():
        operation = run.contract.operations["listReactions"]
        drawn = data.feed.drawn(operation, positive=True, seed=seed, count=3)
        made = [tuple(value for _, value in case.query)[:5] for case in drawn]
        strange = [one for one in known.strange if "," not in one]
        made += [tuple(random.sample(strange, random.randint(0, 3))) for _ in range(5)]
        for viewer, case in zip(
            cycle((bob, host)), data.some(random, "listReactions", seed, 3), strict=False
        ):
            perform(viewer, case)
        for viewer, more in zip(cycle((alice, bob, host)), made, strict=False):
            asked = [
                known.at.marked.id,
                *(one for one in more if known.names_nothing("chatId", one)),
            ]
            random.shuffle(asked)
            asked_for(viewer, asked, marked, wanted)


def asked_for(
    viewer: Participant, asked: list[str], marked: str, wanted: tuple[str, str] | None
) -> None:
    answer = viewer.reactions(*asked)
    # An id of nothing may be refused, alone or among known ones (RLIST-5).
    if len(asked) == 1:
        holds(
            answer.accepted,
            "the reactions of a message cannot be listed",
            expected="200",
            actual=answer.exchange.outcome(),
            on=answer,
            rule="RLIST-1",
        )
    if not answer.accepted:
        return
    found = {(entry["chatId"], entry["id"]) for entry in answer}
    if wanted:
        holds(
            wanted in found,
            "asked for beside ids of nothing, a message's reaction is not listed",
            expected="the reaction of the message asked for",
            actual=f"{len(found)} others",
            on=answer,
        )
    # What the id of a deleted message is given for is DEL-4's matter, or SEND-3's.
    strangers = [entry for entry in answer if entry["chatId"] not in asked]
    holds(
        not strangers,
        "the reactions of a message that was not asked for are listed",
        expected="those of the messages asked for",
        actual="those of another message too" if strangers else "",
        on=answer,
    )


@requirement("ISO-2", "ISO-3", "STATE-1")
def test_generated_calls_of_an_outsider_have_no_effect(
    run: Run, host: Participant, outsider: Participant, other_host: Participant, limits: Limits
) -> None:
    """Right data and real ids, but of another session: refused, or nothing happens."""
    data, at = source(run, "outsiders"), scene(host)
    for random, _ in data.rounds(most=8):
        tries = []
        for name in TAKING:
            operation = run.contract.operations[name]
            places = tuple((one, segment(id)) for one, id in at.ids(operation).items())
            body = at.body(operation)
            if name == "addReaction":
                name_of = random.choice(limits.reactions)
                body = random.choice(list(odd_values.spellings(random, "reaction", name_of)))
            tries.append((random.choice((outsider, other_host)), Case(name, places, (), body)))
        random.shuffle(tries)
        answers = without_effect(host, tries, or_else="ISO-2")
        for answer, (_, case) in zip(answers, tries, strict=True):
            said = TABLE[case.operation, "id"]
            if said.rule in ("REACT-6", "PIN-4"):
                holds(
                    answer.refused or answer.status >= 500,
                    f"an outsider's {case.operation} was not refused",
                    expected="a 4xx status",
                    actual=answer.exchange.outcome(),
                    on=answer,
                )
        nothing_to_read(outsider, [at.marked.id, *random.sample([at.plain.id, "none"], 1)])


def nothing_to_read(outsider: Participant, asked: list[str]) -> None:
    answer = outsider.reactions(*asked)
    shown = len(answer.entries) if answer.accepted else 0
    holds(
        shown == 0,
        "an outsider is given reactions of another session",
        expected="none, or a refusal",
        actual=str(shown),
        on=answer,
        rule="ISO-3",
    )
