"""The commands: their outputs, and one clear line with status 2 for each kind of bad input."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from commands import call, clean_environment
from documents import edited_document
from targets import environment, serving

from conformance.verdict import Exit

TOKENS = {"CHATS_S1_HOST": "host-1", "CHATS_S1_MEMBER_1": "mem-1", "CHATS_S1_MEMBER_2": "mem-2"}
DEAD = "http://127.0.0.1:1"
FILES = {
    "broken.toml": "[target",
    "unknown.toml": "[target]\nulr = 'http://127.0.0.1:1'\n",
    "unset.toml": "[target]\nurl = 'http://127.0.0.1:1'\n[[sessions]]\nhost = 'env:NOPE'\n",
    "words.yaml": "just words",
    "none.yaml": "openapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths: {}\n",
}
BAD = {
    "no settings file": (["run", "--config", "none.toml"], "none.toml"),
    "broken TOML": (["run", "--config", "broken.toml"], "is not TOML"),
    "unknown key": (["run", "--config", "unknown.toml"], "did you mean 'url'"),
    "token reference not set": (["run", "--config", "unset.toml"], "NOPE is not set"),
    "url without scheme": (["run", "--url", "localhost:1"], "https://"),
    "unknown id": (["run", "--select", "SEND-99"], "SEND-99"),
    "unknown group": (["run", "--skip", "SNED"], "SEND"),
    "nothing selected": (["run", "--select", "SEND", "--skip", "SEND"], "nothing is selected"),
    "no document": (["run", "--openapi", "nope.yaml"], "nope.yaml"),
    "a document that is none": (["run", "--openapi", "words.yaml"], "words.yaml"),
    "a document without operations": (["run", "--openapi", "none.yaml"], "listChats"),
    "a report folder that is a file": (["run", "--report-dir", "words.yaml"], "words.yaml"),
    "explain an unknown id": (["explain", "SEND-99"], "SEND-99"),
    "serve an unknown fault": (["serve", "--fault", "delete-hots-only"], "delete-host-only"),
    "clean a folder without journal": (["clean", "."], "journal"),
    "unknown command": (["rnu"], "rnu"),
    "unknown option": (["run", "--ulr", "x"], "--url"),
    "bad choice": (["run", "--profile", "lax"], "strict"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return tmp_path


@pytest.mark.parametrize(("words", "said"), BAD.values(), ids=BAD.keys())
def test_bad_input_ends_with_status_2_and_says_what_to_do(
    folder: Path, words: list[str], said: str
) -> None:
    env = {} if "unset.toml" in words else TOKENS
    done = call(*words, env=env, folder=folder)
    assert done.returncode == Exit.USAGE, done.stdout + done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    assert not any(token in done.stdout + done.stderr for token in TOKENS.values())


def test_own_messages_are_one_line(folder: Path) -> None:
    done = call("run", "--config", "broken.toml", folder=folder)
    assert done.stderr.count("\n") == 1


def test_one_token_for_two_people_is_bad_input(folder: Path) -> None:
    env = {**TOKENS, "CHATS_URL": DEAD, "CHATS_S1_MEMBER_2": "mem-1"}
    done = call("run", env=env, folder=folder)
    assert done.returncode == Exit.USAGE
    assert "CHATS_S1_MEMBER_1 and CHATS_S1_MEMBER_2 are the same token" in done.stderr
    assert "mem-1" not in done.stdout + done.stderr


def test_a_target_that_is_not_reachable_is_inconclusive(folder: Path) -> None:
    done = call("run", "--url", DEAD, env=TOKENS, folder=folder)
    assert done.returncode == Exit.INCONCLUSIVE
    assert "127.0.0.1:1" in done.stdout
    assert "refused" in done.stdout
    stored = json.loads((folder / "reports" / "results.json").read_text())
    assert stored["verdict"] == "inconclusive"


def test_a_target_that_does_not_accept_is_given_up_within_the_connect_time_out(
    folder: Path,
) -> None:
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        port = deaf.getsockname()[1]
        waiting = [socket.socket() for _ in range(3)]
        for one in waiting:
            one.setblocking(False)
            one.connect_ex(("127.0.0.1", port))
        (folder / "c.toml").write_text(
            f"[target]\nurl = 'http://127.0.0.1:{port}'\nconnect_timeout = 1\n"
        )
        began = time.monotonic()
        done = call("run", "--config", "c.toml", env=TOKENS, folder=folder)
        for one in waiting:
            one.close()
    assert done.returncode == Exit.INCONCLUSIVE
    assert "connect time-out" in done.stdout
    assert time.monotonic() - began < 30


def test_a_run_of_some_requirements_is_partial(folder: Path) -> None:
    done = call("run", "--select", "PERM", "--depth", "quick", folder=folder)
    assert done.returncode == Exit.OK, done.stdout
    stored = json.loads((folder / "reports" / "results.json").read_text())
    assert stored["verdict"] == "partial"
    judged = {one["id"] for one in stored["requirements"] if one["status"] != "not-selected"}
    assert judged == {f"PERM-{number}" for number in range(1, 9)}


def test_a_failing_target_shows_the_rule_the_exchange_and_a_curl_line(folder: Path) -> None:
    with serving("perm-delete-members") as server:
        done = call("run", "--select", "PERM-1", env=environment(server), folder=folder)
    assert done.returncode == Exit.NON_CONFORMANT
    for said in ("PERM-1", "curl", "$CHATS_S1_MEMBER_2", "DELETE", "a 4xx status"):
        assert said in done.stdout
    # Whoever has the variables of the run can repeat the call by the line as it is.
    line = next(one for one in done.stdout.splitlines() if one.lstrip().startswith("$ "))
    words = line.lstrip(" $").replace("curl", "printf '%s\\n'", 1)
    sent = subprocess.check_output(["sh", "-c", words], env=environment(server), text=True)
    assert f"Bearer {environment(server)['CHATS_S1_MEMBER_2']}\n" in sent
    for seat in server.roster.seats:
        assert seat.token not in done.stdout + done.stderr


def test_explain_tells_a_requirement_and_its_proofs(folder: Path) -> None:
    done = call("explain", "PERM-1", folder=folder)
    assert done.returncode == Exit.OK
    for said in ("PERM-1", "MUST", "test_permissions", "perm-delete-members", "DELETE"):
        assert said in done.stdout


def test_explain_lists_all(folder: Path) -> None:
    done = call("explain", folder=folder)
    assert done.returncode == Exit.OK
    assert all(said in done.stdout for said in ("AUTH-1", "LOAD-1", "SHOULD", "OBSERVE"))


def test_doctor_finds_a_good_set_up_good(folder: Path) -> None:
    done = call("doctor", folder=folder)
    assert done.returncode == Exit.OK, done.stdout
    assert "Everything can be judged" in done.stdout


def test_plan_counts_and_sends_nothing(folder: Path) -> None:
    env = {**TOKENS, "CHATS_URL": DEAD}
    done = call("plan", "--select", "DEL", "--depth", "quick", env=env, folder=folder)
    assert done.returncode == Exit.OK, done.stdout + done.stderr
    assert "Nothing was sent to the target" in done.stdout
    assert "messages sent" in done.stdout


def test_the_chosen_reports_are_written_and_no_others(folder: Path) -> None:
    (folder / "notes.txt").write_text("mine")
    summary = folder / "job.md"
    env = {"GITHUB_ACTIONS": "true", "GITHUB_STEP_SUMMARY": str(summary)}
    words = ("run", "--select", "RLIST-1", "--report-dir", ".")
    done = call(*words, "--format", "sarif", "--format", "page", env=env, folder=folder)
    assert done.returncode == Exit.OK, done.stdout + done.stderr
    assert "::notice title=Conformance::Partial" in done.stdout
    assert "Partial" in summary.read_text()
    kept = {one.name for one in folder.iterdir() if one.is_file()} - {"results.sarif", "index.html"}
    again = call(*words, "--format", "badge", folder=folder)
    assert again.returncode == Exit.OK, again.stderr
    assert "::notice" not in again.stdout
    assert {one.name for one in folder.iterdir() if one.is_file()} == kept | {"badge.json"}
    from_environment = call(*words, env={"CHATS_FORMATS": "ctrf, junit"}, folder=folder)
    assert from_environment.returncode == Exit.OK, from_environment.stderr
    made = {"ctrf.json", "junit.xml"}
    assert {one.name for one in folder.iterdir() if one.is_file()} == kept | made


def test_an_unknown_format_is_told_before_anything_is_done(folder: Path) -> None:
    done = call("run", "--format", "juint", env={**TOKENS, "CHATS_URL": DEAD}, folder=folder)
    assert done.returncode == Exit.USAGE
    assert done.stderr == "chats-conformance: no report is called 'juint'; did you mean 'junit'?\n"
    assert not (folder / "reports").exists()


def test_an_error_of_our_own_is_no_verdict(folder: Path) -> None:
    broken = "from conformance import cli, engine; engine.execute = None; cli.main()"
    done = subprocess.run(
        [sys.executable, "-c", broken, "run"],
        cwd=folder,
        env=clean_environment({}),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == Exit.OWN_ERROR
    assert "TypeError" in done.stderr


def test_an_edited_document_makes_another_checker(folder: Path) -> None:
    """500 characters, 50 a page and a third reaction, with a server of those limits."""
    edited = folder / "edited.yaml"
    edited.write_text(edited_document())
    with serving(openapi=edited) as server:
        env = environment(server)
        same = call("run", "--openapi", edited, "--depth", "quick", env=env, folder=folder)
        other = call("run", "--depth", "quick", env=env, folder=folder)
    assert same.returncode == Exit.OK, same.stdout
    assert other.returncode == Exit.NON_CONFORMANT
    stored = json.loads((folder / "reports" / "results.json").read_text())
    failed = {
        one["id"]
        for one in stored["requirements"]
        if one["status"] == "failed" and one["level"] == "MUST"
    }
    assert failed == {"SEND-6", "LIST-3", "LIST-4", "LIST-12", "REACT-2"}
