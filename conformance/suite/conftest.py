"""The people and things that the scenarios act with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from conformance.catalogue import Need
from conformance.catalogue import load as load_catalogue
from conformance.client import Participant
from conformance.contract import Contract, Limits
from conformance.evidence import Unjudged, current
from conformance.plugin import rules_of, target_of
from conformance.run import Run
from conformance.suite.corpus import Corpus, build
from conformance.suite.habits import Habits, learn
from conformance.suite.stage import Stage
from conformance.suite.walks import Orders, survey


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that read the corpus come first, then those that change it, then those on the stage.

    On a target that was just set up numbered ids then grow from one digit to two and three within
    the corpus, so that an order of ids as texts shows; and nothing pushes the stage off the newest
    page.
    """
    ours = [place for place, item in enumerate(items) if item.path.parent == Path(__file__).parent]
    ordered = sorted((items[place] for place in ours), key=_place)
    for place, item in zip(ours, ordered, strict=True):
        items[place] = item


def _place(item: pytest.Item) -> int:
    used = getattr(item, "fixturenames", ())
    return next((place for name, place in PLACES.items() if name in used), len(PLACES))


PLACES = {"elders": 1, "corpus": 0, "standing_stage": 2}
"""Where a test stands, by the first of these fixtures that it uses; others come last."""


@pytest.fixture(scope="session")
def run(pytestconfig: pytest.Config) -> Run:
    return target_of(pytestconfig).run


@pytest.fixture(autouse=True)
def _in_good_standing(run: Run, request: pytest.FixtureRequest) -> Iterator[None]:
    """A test runs only where the set-up allows to judge it, and deletes what it sends."""
    standing = run.standing
    if standing.blocked:
        raise Unjudged(standing.blocked)
    for rule in rules_of(request.node):
        for need in load_catalogue()[rule].needs:
            require(run, need)
    run.require_time()
    # How late writes show is judged by those who do not wait for them.
    run.begin_test(hurried="STATE-4" in rules_of(request.node))
    yield
    run.end_test()


def require(run: Run, *needs: Need) -> None:
    for need in needs:
        if need in run.standing.missing:
            raise Unjudged(run.standing.missing[need])


@pytest.fixture(scope="session")
def limits(run: Run) -> Limits:
    return run.contract.limits


@pytest.fixture(scope="session")
def contract(run: Run) -> Contract:
    return run.contract


@pytest.fixture(scope="session")
def host(run: Run) -> Participant:
    require(run, Need.ROLES)
    return run.home.host


@pytest.fixture(scope="session")
def alice(run: Run) -> Participant:
    """A member. Scenarios about two members are about alice and bob."""
    if not run.home.members:
        require(run, Need.MEMBERS)
    return run.home.members[0]


@pytest.fixture(scope="session")
def viewer(run: Run) -> Participant:
    """A member, or the host where no member is known: whoever may read."""
    return run.home.members[0] if run.home.members else run.home.host


@pytest.fixture(scope="session")
def bob(run: Run) -> Participant:
    """Another member than alice."""
    require(run, Need.MEMBERS)
    return run.home.members[1]


@pytest.fixture(scope="session")
def everyone(host: Participant, alice: Participant, bob: Participant) -> tuple[Participant, ...]:
    return host, alice, bob


@pytest.fixture(scope="session")
def outsider(run: Run) -> Participant:
    """A member of another session, or its host where no member is known."""
    require(run, Need.SECOND_SESSION)
    assert run.away is not None
    return run.away.members[0] if run.away.members else run.away.host


@pytest.fixture(scope="session")
def other_host(run: Run) -> Participant:
    """The host of another session."""
    require(run, Need.SECOND_SESSION)
    assert run.away is not None
    return run.away.host


@pytest.fixture(scope="session")
def habits(run: Run, everyone: tuple[Participant, ...]) -> Habits:
    """What the target does in calm where the contract leaves a choice."""
    # This is set up before the test that asks for it begins, so that nobody else tidies up.
    run.begin_test()
    try:
        return learn(run)
    finally:
        run.end_test()


@pytest.fixture(scope="session")
def corpus(run: Run) -> Corpus:
    """Messages with pins and reactions in a known pattern, to read and not to change."""
    return build(run)


@pytest.fixture(scope="session")
def standing_stage(run: Run) -> Stage:
    return Stage(run)


@pytest.fixture
def stage(standing_stage: Stage) -> Iterator[Stage]:
    """Messages, reactions and pins for calls that are refused; see ``conformance.suite.stage``."""
    standing_stage.enter()
    yield standing_stage
    standing_stage.leave()


@pytest.fixture
def backdrop(standing_stage: Stage) -> Stage:
    """The stage as it is, for calls whose effect nobody looks at."""
    standing_stage.enter(checked=True)
    return standing_stage


@pytest.fixture(scope="session")
def surveyed(corpus: Corpus) -> Orders:
    """Every order of the list, walked at one time."""
    return survey(corpus.viewer)


@pytest.fixture
def orders(surveyed: Orders) -> Orders:
    """Every order of the list; what was walked for an earlier test is evidence of this one too."""
    for walk in surveyed:
        for _ in walk.pages:
            current().saw(current().rules)
    return surveyed
