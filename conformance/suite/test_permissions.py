"""PERM: who may do what."""

from __future__ import annotations

from conformance.client import Participant
from conformance.expect import advised, refused, unchanged
from conformance.plugin import requirement


@requirement("PERM-1", "PERM-7")
def test_a_member_may_not_delete_another_members_message(
    alice: Participant, bob: Participant
) -> None:
    """Only the sender and the host may delete a message."""
    chat = alice.send("mine")
    with unchanged(alice):
        answer = bob.delete(chat)
    refused(answer)
    advised(answer, 403, 404, rule="PERM-7")
