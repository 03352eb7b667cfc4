"""Properties that hold for whatever is sent: parameters, methods and credentials.

What Schemathesis generates from the document is sent by our own people, and so are values beyond
its schemas, where bugs live. Each answer is judged by what the contract says of its request (see
``expected``), and by what every answer has to keep (see ``conformance.watch``). All that is
generated comes of the run's seed.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import cycle
from random import Random
from typing import Any

from conformance.client import Answer, Participant
from conformance.contract import Limits, Operation
from conformance.evidence import Unjudged
from conformance.expect import holds, refused
from conformance.plugin import requirement
from conformance.run import Run
from conformance.suite import expected, odd_values
from conformance.suite.cases import Case, perform, source, whole
from conformance.suite.expected import ACCEPTED, judge
from conformance.suite.stage import Stage
from conformance.suite.strangers import Credentials, operations, turned_away
from conformance.suite.test_http import JUDGED, methods, not_allowed
from conformance.suite.walks import Walk

People = tuple[Participant, ...]


# -- the message list ------------------------------------------------------------------------------


@requirement("LIST-9", "LIST-6", "LIST-5", "LIST-7", "LIST-1", "HTTP-1")
def test_generated_queries_get_what_they_are_worth(
    run: Run, host: Participant, alice: Participant, bob: Participant, limits: Limits
) -> None:
    """Wrong values of the list's parameters are refused, and right ones accepted, whoever asks."""
    data = source(run, "queries")
    strangers = [run.away.host, *run.away.members[:1]] if run.away else []
    people = cycle((alice, host, bob, *strangers))
    holds(True, "", rule="HTTP-1")
    for random, seed in data.rounds():
        cases = data.some(random, "listChats", seed, 5)
        for name, values in odd_values.parameters(limits).items():
            dealt = data.deal(random, name, values, 4 if values is odd_values.FLAGS else 6)
            made = odd_values.queries(random, name, dealt)
            cases += [Case("listChats", query=one) for one in made]
        cases += [Case("listChats", query=one) for one in right_queries(random, limits)]
        for person, case in zip(people, cases, strict=False):
            verdicts = expected.query(limits, case.query)
            answer = perform(person, case)
            for said in verdicts:
                if said.outcome == ACCEPTED and not answer.accepted:
                    blame_one(person, case, answer)
                else:
                    judge(answer, said, dict(case.query))


def right_queries(random: Random, limits: Limits) -> Iterator[tuple[tuple[str, str], ...]]:
    yield ()
    yield (("Take", str(random.randint(limits.page_min, limits.page_size))),)
    yield (("Skip", str(random.choice((random.randint(0, 40), random.randrange(2**31))))),)


def blame_one(person: Participant, case: Case, answer: Answer) -> None:
    """Which parameter of a right query is not accepted, by itself; or else the first."""
    limits = person.contract.limits
    for pair in case.query:
        alone = perform(person, Case("listChats", query=(pair,)))
        if not alone.accepted:
            judge(alone, expected.query(limits, (pair,))[0], dict((pair,)))
            return
    judge(answer, expected.query(limits, case.query)[0], dict(case.query))


@requirement("LIST-7", "LIST-5", "LIST-2")
def test_any_skip_and_take_give_that_slice_of_the_walk(
    run: Run, alice: Participant, bob: Participant, limits: Limits
) -> None:
    """Whatever Skip and Take are, the page is that slice of the order, walked page by page."""
    data = source(run, "slices")
    more_than_a_page((alice, bob))
    walks: dict[tuple[str, bool], Walk] = {}
    for random, _ in data.rounds():
        for _ in range(12):
            order = random.choice((limits.created_key, limits.pinned_key)), random.random() < 0.5
            if order not in walks:
                walks[order] = whole(alice, *order)
            sliced(random.choice((alice, bob)), random, walks[order])
    for rule in ("LIST-2", "LIST-5", "LIST-7"):
        holds(True, "", rule=rule)


def more_than_a_page(people: People) -> None:
    """See that there are a few messages more than a page holds."""
    total, size = people[0].list().total, people[0].contract.limits.page_size
    for number in range(size + 4 - total):
        people[number % len(people)].send(f"message {number} beyond a page")


def sliced(person: Participant, random: Random, walked: Walk) -> None:
    """One page of an order, anywhere in it and a little past its end."""
    limits, order, end = person.contract.limits, walked.order, len(walked.ids)
    take = random.randint(limits.page_min, limits.page_size)
    skip = random.choice((random.randint(0, end + 2), max(0, end - take + random.randint(-1, 1))))
    page = person.list(skip=skip, take=take, sort=order.key, ascending=order.ascending)
    # Where a walk breaks, or does not show each message once (LIST-8), no slice of it is known.
    if not page.accepted or walked.broken or walked.repeats or not end:
        return
    wanted, given = walked.slice(skip, take), page.ids
    common = min(len(given), len(wanted))
    if (page.total, given) != (walked.pages[0].total, wanted):
        require_same(walked, whole(person, order.key, order.ascending))
    shown = f"Skip={skip}, Take={take} of {end}"
    right = page.total == walked.pages[0].total
    sizes = {"expected": str(walked.pages[0].total), "actual": f"{page.total} ({shown})"}
    holds(
        right,
        "totalCount depends on Skip and Take",
        on=page,
        at="/totalCount",
        rule="LIST-2",
        **sizes,
    )
    holds(
        len(given) == len(wanted),
        "a page has another number of messages than Take and what is left",
        expected=f"{len(wanted)} messages ({shown})",
        actual=f"{len(given)} messages",
        on=page,
        at="/messages",
        rule="LIST-5" if len(given) == len(wanted) else miscounted(person, walked, take),
    )
    holds(
        given[:common] == wanted[:common],
        "Skip does not leave out exactly the first messages of the walk",
        expected=f"the messages from number {skip + 1} on ({shown})",
        actual="other messages, or in another order",
        on=page,
        at="/messages",
        rule="LIST-7",
    )


def miscounted(person: Participant, walked: Walk, take: int) -> str:
    """Whether it is Take that goes wrong, or Skip: Take alone is right then."""
    alone = person.list(take=take, sort=walked.order.key, ascending=walked.order.ascending)
    right = alone.accepted and len(alone.ids) == len(walked.slice(0, take))
    return "LIST-7" if right else "LIST-5"


def require_same(before: Walk, after: Walk) -> None:
    """What differs is no one's fault where somebody else writes, or ties change (LIST-8)."""
    if before.ids != after.ids or before.pages[0].total != after.pages[0].total:
        raise Unjudged("the message list changes while it is read")


@requirement("LIST-4", "SORT-1")
def test_whatever_is_left_out_means_its_default(
    run: Run, alice: Participant, bob: Participant, limits: Limits
) -> None:
    """Beside any other parameters, a page without one is the page with its default written out."""
    data = source(run, "defaults")
    more_than_a_page((alice, bob))
    holds(True, "", rule="SORT-1")
    for random, _ in data.rounds():
        for name in (*DEFAULTS, *DEFAULTS):
            given = {
                "skip": random.randint(0, 3),
                "take": random.randint(limits.page_min, limits.page_size),
                "sort": random.choice((limits.created_key, limits.pinned_key)),
                "ascending": random.random() < 0.5,
            }
            left_out(random.choice((alice, bob)), given, name, random.sample(sorted(given), 2))


DEFAULTS = {"skip": "LIST-4", "take": "LIST-4", "sort": "SORT-1", "ascending": "SORT-1"}
"""The parameters of the message list, each with the requirement that gives its default."""


def left_out(person: Participant, given: dict[str, Any], name: str, others: list[str]) -> None:
    """Two pages that differ in one parameter's being written; ``others`` are given with it."""
    limits = person.contract.limits
    default: dict[str, Any] = {
        "skip": limits.skip_default,
        "take": limits.page_default,
        "sort": limits.sort_default,
        "ascending": limits.ascending_default,
    }
    beside = {other: given[other] for other in others if other != name}
    full = {**beside, name: default[name]}
    written, page = person.list(**full), person.list(**beside)
    if not (written.accepted and page.accepted):
        return  # LIST-5 and LIST-7 say what has to be.
    left = max(0, written.total - beside.get("skip", limits.skip_default))
    # Where Take is written, that the page is too short is LIST-5's matter; ties that change places
    # from one request to the next are LIST-8's.
    short = name == "take" and len(written.ids) < min(default[name], left)
    right = page.ids == written.ids or short or person.list(**full).ids != written.ids
    called = {"skip": "Skip", "take": "Take", "sort": "SortBy", "ascending": "Ascending"}[name]
    holds(
        right,
        f"a page without {called} is not the one that has its default written out",
        expected=f"the page of {called}={default[name]}, beside {beside}",
        actual="another page",
        on=(written, page),
        rule=DEFAULTS[name],
    )


# -- methods and credentials -----------------------------------------------------------------------

UNUSUAL = ("get", "LINK", "PROPFIND", "TRACE", "X", "LOCK", "PURGE", "QUERY", "HEAD", "OPTIONS")
BODIES = (b"", b"{}", b'{"message": "x", "reaction": "x"}', b"{")


@requirement("HTTP-4", "HTTP-1")
def test_generated_methods_that_a_path_does_not_have(run: Run, alice: Participant) -> None:
    """Any undocumented method with any body: 405; methods that nobody need know do no harm."""
    data, described = source(run, "methods"), methods(run.contract)
    holds(True, "", rule="HTTP-1")
    paths = {one.path: one for one in run.contract.operations.values()}
    at = alice.send("a path for methods").id
    # A message could have this path for its own: DELETE /v1/chats/reactions is free.
    free = run.contract.operations["listReactions"].path, "DELETE"
    wrong = [
        (path, method)
        for path in sorted(paths)
        for method in JUDGED
        if method not in described[path] and (path, method) != free
    ]
    for random, _ in data.rounds(most=8):
        for path, method in random.sample(wrong, min(len(wrong), 4)):
            place = paths[path].url_path(**dict.fromkeys(paths[path].path_parameters, at))
            body = random.choice(BODIES)
            answer = alice.call(method, place, body=body)
            # A body may be parsed, and refused, before the method is looked at.
            if not body or answer.status not in (400, 415):
                not_allowed(answer, path, method, described[path] & set(JUDGED))
            alice.call(random.choice(UNUSUAL), place, body=random.choice(BODIES))


TOKENS = (
    *(
        "null",
        "undefined",
        "'",
        "' OR '1'='1",
        '"',
        "%00",
        "%",
        "*",
        ".*",
        "$ne",
        "{}",
        "[]",
        "${x}",
    ),
    *("eyJhbGciOiJub25lIn0.eyJzdWIiOiJob3N0Iiwicm9sZSI6Imhvc3QifQ.", "eyJhbGciOiJIUzI1NiJ9.e30.x"),
    *("x" * 4000, "00000000-0000-0000-0000-000000000000", "../../etc/passwd", "Bearer x", "x, y"),
    *("x y", "\xff\xfe", "\xe9", "=", "==", "-", "~", ";", "x;y", ",", "__proto__", "constructor"),
)
"""Tokens that nobody was given."""


@requirement("AUTH-2", "AUTH-1", "AUTH-5")
def test_generated_credentials_are_nobodys(run: Run, stage: Stage, host: Participant) -> None:
    """Each operation as it would else succeed, with a token of some odd form, and with none."""
    data = source(run, "credentials")
    for random, _ in data.rounds(most=8):
        every = operations(host)
        tries = [(operation, unknown(random.choice(TOKENS))) for operation in every]
        nothing = Credentials("without credentials")
        tries += [(operation, nothing) for operation in random.sample(every, 3)]
        turned_away(stage, tries, turned_away_with)


def unknown(token: str) -> Credentials:
    return Credentials("with a token of an odd form", header=f"Bearer {token}")


def turned_away_with(answer: Answer, operation: Operation, shows: Credentials) -> None:
    """An odd token may also be refused as one that cannot be read."""
    if shows.header is None:
        refused(answer, 401, 403, rule="AUTH-1")
    else:
        refused(answer, 400, 401, 403, 431, rule="AUTH-2")
