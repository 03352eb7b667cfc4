"""REACT: bodies that are no reaction at all."""

from __future__ import annotations

from functools import partial
from typing import Any

from conformance.client import JSON, Answer, Participant, encode
from conformance.contract import Limits
from conformance.expect import holds, refused
from conformance.plugin import requirement
from conformance.suite.stage import Stage
from conformance.suite.steps import shown

BROKEN = (
    b'{"reaction": ":thumbs_up:"',
    b'{"reaction": ',
    b"reaction=:thumbs_up:",
    b":thumbs_up:",
    b"<reaction>:thumbs_up:</reaction>",
    b'{"reaction" ":thumbs_up:"}',
)


@requirement("REACT-12")
def test_a_body_that_no_json_dialect_reads_is_refused(
    stage: Stage, alice: Participant, bob: Participant
) -> None:
    """Truncated, XML, plain words: refused, and nothing is stored."""
    stage.refuses(*(partial(_on, stage, alice, bob, body) for body in BROKEN))


def _on(stage: Stage, sender: Participant, person: Participant, body: bytes) -> Answer:
    """A person reacts to whatever message of a sender is on the stage."""
    return person.react_body(stage.of(sender), body, JSON)


@requirement("REACT-9")
def test_a_reaction_body_that_is_no_object_is_refused(
    stage: Stage, alice: Participant, bob: Participant, limits: Limits
) -> None:
    reaction = limits.reactions[0]
    bodies = [encode(body) for body in (reaction, [reaction], None, 1)]
    stage.refuses(*(partial(_on, stage, alice, bob, body) for body in bodies))


def not_strings(reaction: str) -> tuple[Any, ...]:
    return 1, 0, True, [], [reaction], [[reaction]], {}, {"name": reaction}


@requirement("REACT-9", "REACT-12")
def test_a_reaction_that_is_no_string_is_refused(
    alice: Participant, bob: Participant, limits: Limits
) -> None:
    """Number, boolean, array, object, null, absent; at the least it never shows as no string."""
    chat = alice.send("react with a string")
    bodies = [{"reaction": value} for value in not_strings(limits.reactions[0])]
    for body in ({"reaction": None}, {}, {"Reaktion": limits.reactions[0]}, *bodies):
        refused(bob.react_body(chat, encode(body)), rule="REACT-9")
    message, listed = shown(bob, chat), bob.reactions(chat)
    entries = message.reactions
    for place, entry in enumerate(entries):
        name = entry.get("name")
        holds(
            isinstance(name, str),
            "a reaction is shown that is no string",
            expected="a string",
            actual=name,
            on=message.page,
            at=message.pointer("reactions", place, "name"),
            rule="REACT-12",
        )
    holds(
        all(isinstance(entry["reaction"], str) for entry in listed),
        "a reaction is listed that is no string",
        on=listed,
        rule="REACT-12",
    )
