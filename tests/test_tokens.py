"""No token is in anything that a run leaves or prints, however a target shows it around."""

from __future__ import annotations

import base64
import html
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from commands import call, clean_environment, start
from echoing import ROSTER, Echoing, echoing, environment, escaped

from conformance.reporting import FORMATS
from conformance.verdict import Exit

TOKENS = [seat.token for seat in ROSTER.seats]
EVERY = [word for name in FORMATS for word in ("--format", name)]


def cores(token: str) -> Iterator[str]:
    """The part of base64 that tells a token at each of the three places where it may fall."""
    for before in range(3):
        letters = base64.b64encode(b"x" * before + token.encode() + b"zzz").decode()
        core = letters[-(-before * 4 // 3) : (before + len(token)) * 4 // 3]
        yield core
        yield core.replace("+", "-").replace("/", "_")


def forms(token: str) -> set[str]:
    """In a text and in a JSON text, plain, in base64, percent-encoded and escaped as in JSON."""
    plain = {token, token[:-1], token.swapcase(), *cores(token)}
    ways: tuple[Callable[[str], str], ...] = (
        str,
        quote,
        lambda text: quote(text, safe=""),
        lambda text: quote(text, safe="").replace("%2B", "%2b").replace("%2F", "%2f"),
        lambda text: text.replace("/", "\\/"),
        escaped,
    )
    found = {way(text) for way in ways for text in plain}
    return {one for form in found for one in (form, json.dumps(form)[1:-1])}


FORMS = {form for token in TOKENS for form in forms(token)}


def told(text: str) -> set[str]:
    """The forms of tokens that a text holds, as it is or as a browser reads it."""
    return {form for form in FORMS for shown in (text, html.unescape(text)) if form in shown}


def leaks(folder: Path) -> dict[str, set[str]]:
    """What each file below a folder tells."""
    files = (file for file in folder.rglob("*") if file.is_file())
    found = {str(file): told(file.read_bytes().decode("latin-1")) for file in files}
    return {file: forms for file, forms in found.items() if forms}


def test_the_server_shows_what_the_search_would_find() -> None:
    with echoing() as (_, _, url):
        headers = {"Authorization": f"Bearer {TOKENS[0]}"}
        answers = [
            httpx.get(f"{url}/v1/chats", headers=headers),
            httpx.post(f"{url}/v1/chats", headers=headers, json={"message": 1}),
            httpx.patch(f"{url}/v1/chats", headers=headers),
        ]
    assert [answer.status_code for answer in answers] == [200, 400, 405]
    text = str(answers[0].headers.raw)
    assert len(told(text)) >= 10
    assert all(told(answer.content.decode("latin-1")) for answer in answers[1:])
    assert set(cores(TOKENS[0])) <= told(text)


def test_failures_tell_no_token(tmp_path: Path) -> None:
    chosen = ("AUTH", "PERM", "HTTP", "REACT", "SEND-6", "RLIST-1")
    with echoing() as (app, _, url):
        env, words = environment(url), [w for id in chosen for w in ("--select", id)]
        done = call("run", *words, *EVERY, "--workers", "2", env=env, folder=tmp_path)
        doctor = call("doctor", env=env, folder=tmp_path)
    assert app.requests > 1_000
    assert done.returncode == Exit.NON_CONFORMANT, done.stdout + done.stderr
    again = call("report", "reports", *EVERY, folder=tmp_path)
    replayed = call("replay", "reports", folder=tmp_path)
    stored = json.loads((tmp_path / "reports" / "results.json").read_text())
    failed = {one["id"] for one in stored["requirements"] if one["status"] == "failed"}
    assert {"HTTP-3", "HTTP-7"} <= failed
    assert "$CHATS_S1_" in stored["target"]["server"]
    leaked = next(one for one in stored["requirements"] if one["id"] == "HTTP-7")["findings"]
    assert "Bearer $CHATS_S" in leaked[0]["actual"]
    names = {file.name for file in (tmp_path / "reports").iterdir()}
    assert {each.file for each in FORMATS.values()} <= names
    assert leaks(tmp_path) == {}
    for one in (done, doctor, again, replayed):
        assert told(one.stdout + one.stderr) == set()


BREAKING = """
import base64
from conformance import client
from conformance.cli import main
from conformance.evidence import current

known = client.Participant.react

def react(self, *given, **named):
    if not current().rules:
        return known(self, *given, **named)  # no test has begun
    token = self.secret.reveal()
    print("on the way:", token)
    other = base64.b64encode(f"Bearer {token}".encode()).decode()
    raise RuntimeError(f"no way with {token}, {other}")

client.Participant.react = react
main()
"""


def test_errors_tell_no_token(tmp_path: Path) -> None:
    """A test that breaks with a token in its hands, and a target that dies."""
    with echoing() as (_, _, url):
        words = [sys.executable, "-c", BREAKING, "run", "--select", "REACT", *EVERY]
        env = clean_environment(environment(url))
        done = subprocess.run(
            words, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=300, check=False
        )
    assert done.returncode == Exit.OWN_ERROR, done.stdout + done.stderr
    stored = json.loads((tmp_path / "reports" / "results.json").read_text())
    assert any("no way with $CHATS_S1_" in error for error in stored["errors"])
    assert "on the way: $CHATS_S1_" in (tmp_path / "reports" / "pytest.html").read_text()
    assert leaks(tmp_path) == {}
    assert told(done.stdout + done.stderr) == set()


def await_requests(app: Echoing, least: int) -> None:
    deadline = time.monotonic() + 60
    while app.requests < least:
        assert time.monotonic() < deadline, "the run sends nothing"
        time.sleep(0.01)


@pytest.mark.parametrize("how", ["interrupted", "gone"])
def test_a_run_that_is_cut_short_tells_no_token(tmp_path: Path, how: str) -> None:
    with echoing() as (app, server, url):
        running = start("run", *EVERY, env=environment(url), folder=tmp_path)
        await_requests(app, 400)
        if how == "interrupted":
            running.send_signal(signal.SIGINT)
        else:
            server.force_exit = server.should_exit = True
        output, _ = running.communicate(timeout=120)
    stored = json.loads((tmp_path / "reports" / "results.json").read_text())
    assert stored["interrupted"] == (how == "interrupted"), output
    assert running.returncode == stored["exitStatus"]
    assert leaks(tmp_path) == {}
    assert told(output) == set()
