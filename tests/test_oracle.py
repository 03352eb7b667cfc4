"""What may follow a call, given its answer: all that the contract leaves open, nothing more."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance import contract_file
from conformance.model import Freedoms, Fresh, Model, Person, Refusal, Repeat, Second, Session, Step
from conformance.oracle import (
    EPOCH,
    UNSEEN,
    Call,
    Outcome,
    Seen,
    Told,
    Verb,
    listed,
    shown,
    successors,
)

LIMITS = contract_file.load(None).limits
UP, DOWN = LIMITS.reactions[:2]
HOST, ALICE, BOB = (
    Person("h", "host", "s", host=True),
    Person("a", "alice", "s"),
    Person("b", "bob", "s"),
)
PEOPLE = (HOST, ALICE, BOB)
YES, NO, LOST = Told(Outcome.ACCEPTED), Told(Outcome.REFUSED), Told(Outcome.UNKNOWN)


def yes(id: str) -> Told:
    return Told(Outcome.ACCEPTED, id)


def after(session: Session, who: Person, call: Call, told: Told, **options: object) -> set[Session]:
    return successors(LIMITS, session, who, call, told, **options)  # type: ignore[arg-type]


def only(session: Session, who: Person, call: Call, told: Told) -> Session:
    (found,) = after(session, who, call, told)
    return found


@pytest.fixture
def sent() -> Session:
    """A message of alice's."""
    return only(Session(), ALICE, Call(Verb.SEND, value="hi"), yes("m"))


@pytest.fixture
def liked(sent: Session) -> Session:
    return only(sent, BOB, Call(Verb.REACT, "m", UP), yes("r"))


@pytest.fixture
def pinned(sent: Session) -> Session:
    (found,) = shown(only(sent, HOST, Call(Verb.PIN, "m"), YES), "m", Seen("p"))
    return found


def reactions(sessions: set[Session]) -> set[tuple[str, ...]]:
    return {tuple(r.id for r in session.messages[0].reactions) for session in sessions}


class TestSend:
    @pytest.mark.parametrize(
        "text", ["", " \n", None, "\ud800", "a\0b", "x" * (LIMITS.message_length + 1)]
    )
    def test_what_may_be_refused(self, text: str | None) -> None:
        assert after(Session(), ALICE, Call(Verb.SEND, value=text), NO) == {Session()}

    @pytest.mark.parametrize(
        "text",
        ["x", "x" * LIMITS.message_length, "\N{GRINNING FACE}" * (LIMITS.message_length // 2)],
    )
    def test_what_may_not(self, text: str) -> None:
        assert not after(Session(), ALICE, Call(Verb.SEND, value=text), NO)

    @pytest.mark.parametrize("stored", ["e\u0301 b", "\u00e9 b", " \u00e9 b "])
    def test_a_text_may_be_trimmed_and_normalised(self, stored: str) -> None:
        told = Told(Outcome.ACCEPTED, "m", stored)
        found = only(Session(), ALICE, Call(Verb.SEND, value=" \u00e9 b "), told)
        assert found.messages[0].text == stored

    def test_a_text_may_not_come_back_as_another(self) -> None:
        for stored in ("b", "a b", "", "a b c d"):
            assert not after(
                Session(),
                ALICE,
                Call(Verb.SEND, value="a b c"),
                Told(Outcome.ACCEPTED, "m", stored),
            )

    def test_too_long_a_text_may_be_cut_and_not_kept(self) -> None:
        long = "x" * (LIMITS.message_length + 1)
        assert after(
            Session(), ALICE, Call(Verb.SEND, value=long), Told(Outcome.ACCEPTED, "m", long[:-1])
        )
        assert not after(
            Session(), ALICE, Call(Verb.SEND, value=long), Told(Outcome.ACCEPTED, "m", long)
        )

    def test_a_blank_text_may_be_stored_as_null(self) -> None:
        found = only(Session(), ALICE, Call(Verb.SEND, value=None), Told(Outcome.ACCEPTED, "m"))
        assert found.messages[0].text is None


class TestDelete:
    @pytest.mark.parametrize(("who", "may"), [(HOST, True), (ALICE, True), (BOB, False)])
    def test_the_sender_and_the_host_may(self, sent: Session, who: Person, may: bool) -> None:
        call = Call(Verb.DELETE, "m")
        assert after(sent, who, call, YES) == ({Session()} if may else set())
        assert after(sent, who, call, NO) == (set() if may else {sent})

    @pytest.mark.parametrize("told", [YES, NO])
    def test_what_is_not_there_may_be_deleted_or_not(self, sent: Session, told: Told) -> None:
        assert after(sent, BOB, Call(Verb.DELETE, "x"), told) == {sent}


class TestReact:
    def test_a_reaction_to_nothing_is_refused(self) -> None:
        assert not after(Session(), BOB, Call(Verb.REACT, "m", UP), yes("r"))
        assert after(Session(), BOB, Call(Verb.REACT, "m", UP), NO) == {Session()}

    def test_a_first_one_is_accepted(self, sent: Session) -> None:
        assert not after(sent, BOB, Call(Verb.REACT, "m", UP), NO)

    def test_other_names_are_refused(self, sent: Session) -> None:
        assert after(sent, BOB, Call(Verb.REACT, "m", ":heart:"), NO) == {sent}
        assert not after(sent, BOB, Call(Verb.REACT, "m", ":heart:"), yes("r"))

    def test_the_other_spelling_is_free(self, sent: Session) -> None:
        call = Call(Verb.REACT, "m", LIMITS.spellings(UP)[0])
        assert after(sent, BOB, call, NO) == {sent}
        assert only(sent, BOB, call, yes("r")).messages[0].reactions[0].name == UP

    def test_the_same_again(self, liked: Session) -> None:
        call = Call(Verb.REACT, "m", UP)
        assert after(liked, BOB, call, NO) == {liked}
        assert reactions(after(liked, BOB, call, yes("r"))) == {("r",), ("r", "r")}
        assert reactions(after(liked, BOB, call, yes("n"))) == {("n",), ("r", "n")}
        kept = frozenset({"REACT-5"})
        assert reactions(after(liked, BOB, call, yes("n"), keeps=kept)) == {("n",)}

    def test_the_other_one_too(self, liked: Session) -> None:
        call = Call(Verb.REACT, "m", DOWN)
        assert after(liked, BOB, call, NO) == {liked}
        assert reactions(after(liked, BOB, call, yes("n"))) == {("n",), ("r", "n")}

    def test_who_may_take_it_back(self, liked: Session, sent: Session) -> None:
        call = Call(Verb.UNREACT, "m", "r")
        for who, told, expected in (
            (BOB, YES, {sent}),
            (BOB, NO, set()),
            (HOST, YES, {sent}),
            (ALICE, YES, {sent}),  # PERM-4 is a SHOULD: alice sent the message.
            (ALICE, NO, {liked}),
            (Person("c", "carol", "s"), YES, set()),
        ):
            assert after(liked, who, call, told) == expected

    @pytest.mark.parametrize("told", [YES, NO])
    def test_an_unknown_one(self, liked: Session, told: Told) -> None:
        assert after(liked, BOB, Call(Verb.UNREACT, "m", "x"), told) == {liked}


class TestPin:
    def test_only_the_host_may(self, sent: Session) -> None:
        call = Call(Verb.PIN, "m")
        assert after(sent, ALICE, call, NO) == {sent}
        assert not after(sent, ALICE, call, YES)
        assert not after(sent, HOST, call, NO)
        assert after(sent, HOST, call, NO, pinned_elsewhere=True) == {sent}
        assert only(sent, HOST, call, YES).messages[0].pin == UNSEEN

    def test_a_second_time(self, pinned: Session) -> None:
        call = Call(Verb.PIN, "m")
        assert {s.messages[0].pin for s in after(pinned, HOST, call, YES)} == {"p", UNSEEN, None}
        kept = frozenset({"PIN-7"})
        assert {s.messages[0].pin for s in after(pinned, HOST, call, YES, keeps=kept)} == {
            "p",
            UNSEEN,
        }
        assert after(pinned, HOST, call, NO) == {pinned}

    def test_a_second_message(self, pinned: Session) -> None:
        two = only(pinned, BOB, Call(Verb.SEND, value="two"), yes("n"))
        found = after(two, HOST, Call(Verb.PIN, "n"), YES)
        assert {tuple(m.pin for m in s.messages) for s in found} == {("p", UNSEEN), (None, UNSEEN)}
        assert after(two, HOST, Call(Verb.PIN, "n"), NO) == {two}

    def test_who_may_unpin(self, pinned: Session, sent: Session) -> None:
        call = Call(Verb.UNPIN, "m", "p")
        for who, told, expected in (
            (HOST, YES, {sent}),
            (HOST, NO, set()),
            (ALICE, YES, {sent}),  # PERM-8 is a SHOULD.
            (ALICE, NO, {pinned}),
            (BOB, YES, set()),
            (BOB, NO, {pinned}),
        ):
            assert after(pinned, who, call, told) == expected

    def test_an_unseen_pin_may_be_the_one_or_not(self, sent: Session) -> None:
        unseen = only(sent, HOST, Call(Verb.PIN, "m"), YES)
        assert after(unseen, HOST, Call(Verb.UNPIN, "m", "p"), YES) == {sent, unseen}
        assert after(unseen, HOST, Call(Verb.UNPIN, "m", "p"), NO) == {unseen}


class TestReads:
    def test_a_list_shows_what_is_there(self, liked: Session) -> None:
        assert shown(liked, "m", Seen(None, frozenset({(UP, "b")}))) == {liked}
        for seen in (
            None,
            Seen(),
            Seen("p", frozenset({(UP, "b")})),
            Seen(None, frozenset({(DOWN, "b")})),
        ):
            assert not shown(liked, "m", seen)
        assert shown(Session(), "m", None) == {Session()}
        assert not shown(Session(), "m", Seen())

    def test_the_reactions_list_too(self, liked: Session) -> None:
        assert listed(liked, "m", [("r", UP)]) == {liked}
        for entries in ([], [("x", UP)], [("r", DOWN)], [("r", UP), ("r", UP)]):
            assert not listed(liked, "m", entries)
        assert listed(Session(), "m", []) == {Session()}

    def test_it_names_what_was_unseen(self, sent: Session, liked: Session) -> None:
        found = after(sent, BOB, Call(Verb.REACT, "m", UP), LOST)
        assert {after for one in found for after in listed(one, "m", [("r", UP)])} == {liked}


CALLS = st.sampled_from(
    [
        *(Call(Verb.REACT, chat, name) for chat in ("m1", "m2") for name in (UP, DOWN)),
        *(Call(Verb.UNREACT, chat, f"r{n}") for chat in ("m1", "m2") for n in range(4)),
        *(Call(verb, chat) for verb in (Verb.PIN, Verb.DELETE) for chat in ("m1", "m2")),
        *(Call(Verb.UNPIN, chat, f"r{n}") for chat in ("m1", "m2") for n in range(4)),
        Call(Verb.SEND, value="text"),
    ]
)


@settings(max_examples=300, deadline=None)
@given(
    st.builds(
        Freedoms,
        st.sampled_from(Repeat),
        st.sampled_from(Second),
        st.sampled_from(Repeat),
        st.sampled_from(Second),
        st.booleans(),
        st.booleans(),
    ),
    st.lists(st.tuples(st.sampled_from(PEOPLE), CALLS), max_size=14),
)
def test_every_set_of_freedoms_is_explained(
    freedoms: Freedoms, calls: list[tuple[Person, Call]]
) -> None:
    """A server that is the model with any freedoms is among the successors after every call."""
    model, session = Model(LIMITS, freedoms), Session()
    possible = {session}
    numbers = iter(range(100))
    reaction_ids = iter(f"r{n}" for n in range(100))
    for who, call in calls:
        id = f"m{next(numbers)}" if call.verb is Verb.SEND else next(reaction_ids)
        step = _do(model, session, who, call, id)
        session = step.session
        told = (
            NO
            if step.refusal
            else Told(Outcome.ACCEPTED, None if call.verb is Verb.PIN else step.id)
        )
        possible = {next_ for one in possible for next_ in after(one, who, call, told)}
        for message in session.messages:
            held = frozenset((one.name, one.by) for one in message.reactions)
            entries = [(one.id, one.name) for one in message.reactions]
            possible = {
                s for one in possible for s in shown(one, message.id, Seen(message.pin, held))
            }
            possible = {s for one in possible for s in listed(one, message.id, entries)}
        assert session in possible


def _do(model: Model, session: Session, who: Person, call: Call, id: str) -> Step:
    fresh = Fresh(id, EPOCH)
    match call.verb:
        case Verb.SEND:
            return model.send(session, who, call.value, fresh)
        case Verb.DELETE:
            return model.delete(session, who, call.chat)
        case Verb.REACT:
            return model.react(session, who, call.chat, call.value or "", fresh)
        case Verb.UNREACT:
            return model.unreact(session, who, call.chat, call.value or "")
        case Verb.PIN:
            return model.pin(session, who, call.chat, fresh)
        case _:
            return model.unpin(session, who, call.chat, call.value or "")


def test_refusals_of_the_model_are_all_known() -> None:
    assert set(Refusal) == {Refusal.INVALID, Refusal.FORBIDDEN, Refusal.UNKNOWN, Refusal.CONFLICT}
