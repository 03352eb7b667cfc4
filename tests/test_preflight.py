"""The preflight: a wrong set-up is not the server's fault, nor the other way round."""

from __future__ import annotations

import threading
from pathlib import Path

import httpx
from targets import environment, failed, of_status, run, serving

from conformance.reference.process import Running
from conformance.verdict import Exit


def swapped(server: Running, one: str, other: str) -> dict[str, str]:
    env = environment(server)
    env[one], env[other] = env[other], env[one]
    return env


def test_a_host_token_that_is_a_members_is_said_and_fails_nothing(tmp_path: Path) -> None:
    with serving() as server:
        env = swapped(server, "CHATS_S1_HOST", "CHATS_S1_MEMBER_1")
        found = run(env, tmp_path, depth="quick")
    assert found["verdict"] == "inconclusive"
    assert found["exitStatus"] == Exit.INCONCLUSIVE
    assert failed(found) == set()
    reasons = {one["reason"] for one in found["requirements"] if one["reason"]}
    assert any("$CHATS_S1_HOST is no host" in reason and "swapped" in reason for reason in reasons)
    assert found["leftovers"] == []


def test_a_member_given_as_the_other_sessions_host_is_no_second_session(tmp_path: Path) -> None:
    with serving() as server:
        env = environment(server)
        env["CHATS_S2_HOST"] = env["CHATS_S1_MEMBER_2"]
        env = {name: value for name, value in env.items() if "S2_MEMBER" not in name}
        env["CHATS_S1_MEMBER_2"] = env["CHATS_S1_MEMBER_1"] + "x"
        del env["CHATS_S1_MEMBER_2"]
        found = run(env, tmp_path, select=("ISO", "AUTH-1"), depth="quick")
    assert failed(found) == set()
    assert {"ISO-1", "ISO-2", "ISO-3"} <= of_status(found, "inconclusive")


def test_without_a_second_session_isolation_is_inconclusive(tmp_path: Path) -> None:
    with serving() as server:
        env = {name: value for name, value in environment(server).items() if "S2" not in name}
        found = run(env, tmp_path, select=("ISO", "DEL-1"), depth="quick")
    assert of_status(found, "inconclusive") == {"ISO-1", "ISO-2", "ISO-3"}
    assert "DEL-1" in of_status(found, "passed")
    assert found["exitStatus"] == Exit.INCONCLUSIVE


def test_with_one_member_what_needs_two_is_inconclusive(tmp_path: Path) -> None:
    with serving() as server:
        env = environment(server)
        del env["CHATS_S1_MEMBER_2"]
        found = run(env, tmp_path, select=("PERM-1", "DEL-1"), depth="quick")
    assert "PERM-1" in of_status(found, "inconclusive")
    assert failed(found) == set()


def test_a_token_that_is_not_accepted_blocks_the_run(tmp_path: Path) -> None:
    with serving() as server:
        env = {**environment(server), "CHATS_S1_MEMBER_1": "expired-token"}
        found = run(env, tmp_path, depth="quick")
    assert found["exitStatus"] == Exit.INCONCLUSIVE
    assert "$CHATS_S1_MEMBER_1" in found["blocked"]
    assert "expired-token" not in found["blocked"]
    assert failed(found) == set()


def test_a_server_without_role_checks_is_the_servers_fault(tmp_path: Path) -> None:
    """A session has one host: three people with a host's powers are no mix-up of tokens."""
    everyone_may = ("perm-pin-anyone", "perm-delete-members", "perm-delete-hosts")
    with serving(*everyone_may, "perm-unreact-anyone", "perm-unpin-anyone") as server:
        found = run(environment(server), tmp_path, select=("PERM",), depth="quick")
    assert {"PERM-1", "PERM-2", "PERM-3", "PERM-5", "PERM-6"} <= failed(found)


def test_sessions_that_are_not_kept_apart_are_the_servers_fault(tmp_path: Path) -> None:
    with serving("list-total-of-all-sessions", "iso-host-lists-all") as server:
        found = run(environment(server), tmp_path, select=("ISO",), depth="quick")
    assert "ISO-1" in failed(found)


def test_another_writer_makes_no_false_failure(tmp_path: Path) -> None:
    """Somebody else sends messages all the while: what that spoils is inconclusive."""
    with serving() as server:
        host, _ = server.roster.tokens("s1")
        stop = threading.Event()

        def write() -> None:
            with httpx.Client(headers={"Authorization": f"Bearer {host}"}) as client:
                for number in range(2_000):
                    if stop.wait(0.02):
                        return
                    client.post(f"{server.url}/v1/chats", json={"message": f"not yours {number}"})

        writer = threading.Thread(target=write)
        writer.start()
        try:
            found = run(environment(server), tmp_path, select=("DEL", "PERM", "PIN"), depth="quick")
        finally:
            stop.set()
            writer.join()
    assert failed(found) == set()
    assert found["verdict"] == "inconclusive"


def test_a_target_that_shows_writes_late_fails_that_alone(tmp_path: Path) -> None:
    """How late is found out first; then every call waits, and says so."""
    with serving("lag-queue") as server:
        found = run(
            environment(server), tmp_path, select=("STATE-4", "DEL", "RLIST"), depth="quick"
        )
    assert failed(found) == {"STATE-4"}
    assert {"DEL-1", "DEL-3", "RLIST-2", "RLIST-3"} <= of_status(found, "passed")
    assert any("each call waits" in fact for fact in found["preflight"])
    assert found["leftovers"] == []
