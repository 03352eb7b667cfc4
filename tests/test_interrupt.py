"""A run that is broken off cleans up, and still writes the results that it has."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest
from commands import COMMAND, call, start
from targets import environment, serving

from conformance import interrupts, settings
from conformance.engine import Silence, judge
from conformance.exchange import Exchange
from conformance.reference.process import Running
from conformance.run import Run, open_run
from conformance.suite.corpus import at_once
from conformance.suite.races import AtOnce
from conformance.target import Target
from conformance.verdict import Exit


def total(server: Running, session: str) -> int:
    host, _ = server.roster.tokens(session)
    headers = {"Authorization": f"Bearer {host}"}
    count: int = httpx.get(f"{server.url}/v1/chats", headers=headers).json()["totalCount"]
    return count


def await_messages(server: Running, session: str, least: int) -> None:
    """Wait until a run has sent some messages; the run itself takes much longer."""
    deadline = time.monotonic() + 60
    while total(server, session) < least:
        assert time.monotonic() < deadline, "the run sends nothing"
        time.sleep(0.01)


@pytest.mark.parametrize("number", (signal.SIGINT, signal.SIGTERM))
def test_an_interrupted_run_leaves_nothing_and_writes_its_results(
    tmp_path: Path, number: signal.Signals
) -> None:
    with serving() as server:
        running = start("run", env=environment(server), folder=tmp_path)
        await_messages(server, "s1", 30)
        running.send_signal(number)
        output, _ = running.communicate(timeout=60)
        left = total(server, "s1"), total(server, "s2")
    assert running.returncode == Exit.INTERRUPTED, output
    assert left == (0, 0)
    stored = json.loads((tmp_path / "reports" / "results.json").read_text())
    assert stored["interrupted"]
    statuses = {one["status"] for one in stored["requirements"]}
    assert "inconclusive" in statuses
    assert stored["verdict"] == "inconclusive"


def test_an_interrupt_need_not_wait_for_an_answer(tmp_path: Path) -> None:
    tokens = {"CHATS_S1_HOST": "h", "CHATS_S1_MEMBER_1": "m", "CHATS_S1_MEMBER_2": "n"}
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(60)
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        running = start("run", "--url", url, env=tokens, folder=tmp_path)
        connection, _ = silent.accept()
        with connection:
            assert connection.recv(65536).startswith(b"GET ")
            running.send_signal(signal.SIGINT)
            output, _ = running.communicate(timeout=20)  # sooner than the time-out
    assert running.returncode == Exit.INTERRUPTED, output
    assert "Traceback" not in output


def test_what_the_preflight_sent_is_deleted_when_it_is_interrupted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken_off(run: Run) -> None:
        assert run.home.host.send("sent by the preflight").accepted
        raise KeyboardInterrupt

    monkeypatch.setattr(Run, "preflight", broken_off)
    with serving() as server:
        with pytest.raises(KeyboardInterrupt):
            Target.open(settings.load(None, {}, environment(server)))
        assert total(server, "s1") == 0


def test_what_was_sent_when_the_interrupt_came_is_deleted_too() -> None:
    """The server has it, and the answer that would tell its id is never read."""
    with serving() as server:
        chosen = settings.load(None, {}, environment(server))
        run = open_run(chosen)
        mine = run.home.host.send("mine").id
        keep = run.transport.recorder.keep

        def broken_off(exchange: Exchange) -> None:
            keep(exchange)
            raise KeyboardInterrupt

        run.transport.recorder.keep = broken_off  # type: ignore[method-assign]
        with pytest.raises(KeyboardInterrupt):
            run.home.members[0].send("half sent")
        run.transport.recorder.keep = keep  # type: ignore[method-assign]
        assert total(server, "s1") == 2
        assert mine
        assert run.close() == []
        assert total(server, "s1") == 0


class Losing(Silence):
    """A signal comes, before the second test, where Python prints its exception and goes on."""

    def __init__(self, number: signal.Signals) -> None:
        self.number = number
        self.tests: list[str] = []

    def runs(self, test: str, rules: Sequence[str]) -> None:
        self.tests.append(test)
        if len(self.tests) == 2:
            Finalised(self.number)


class Finalised:
    def __init__(self, number: signal.Signals) -> None:
        self.number = number

    def __del__(self) -> None:
        signal.raise_signal(self.number)


@pytest.mark.parametrize("number", (signal.SIGINT, signal.SIGTERM))
def test_an_interrupt_that_is_lost_where_it_comes_ends_the_run_nevertheless(
    monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    lost: list[type[BaseException]] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda told: lost.append(told.exc_type))
    progress = Losing(number)
    with serving() as server:
        chosen = replace(settings.load(None, {}, environment(server)), select=("LIST",))
        found = judge(chosen, progress)
    assert lost == [KeyboardInterrupt]
    assert found["interrupted"]
    assert len(progress.tests) == 2
    interrupts.require_none()  # what comes after this run is not interrupted


class Interrupted(ThreadPoolExecutor):
    """Two workers; the interrupt comes when so many calls were given to them."""

    def __init__(self, calls: int) -> None:
        super().__init__(2)
        self.calls = calls
        self.given: list[Future[Any]] = []

    def submit(self, *call: Any, **named: Any) -> Future[Any]:
        if len(self.given) == self.calls:
            raise KeyboardInterrupt
        self.given.append(super().submit(*call, **named))
        return self.given[-1]


def test_an_interrupt_as_calls_gather_for_a_race_lets_none_of_them_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first call waits for the second one, which never comes."""
    monkeypatch.setattr(threading, "Barrier", partial(threading.Barrier, timeout=30))
    made: list[str] = []
    with Interrupted(1) as pool:
        with pytest.raises(KeyboardInterrupt):
            AtOnce(pool)([partial(made.append, "first"), partial(made.append, "second")])
        _, waiting = wait(pool.given, timeout=10)
    assert not waiting
    assert made == []


def test_an_interrupt_does_not_wait_for_calls_that_are_not_made_yet() -> None:
    made: list[str] = []

    def interrupted() -> None:
        raise KeyboardInterrupt

    def slow() -> None:
        time.sleep(0.01)
        made.append("one")

    with pytest.raises(KeyboardInterrupt):
        at_once([interrupted, *[slow] * 500])
    assert len(made) < 500


def test_what_a_killed_run_left_is_cleaned_from_its_journal(tmp_path: Path) -> None:
    with serving() as server:
        env = environment(server)
        running = start("run", env=env, folder=tmp_path)
        await_messages(server, "s1", 30)
        running.kill()
        running.communicate(timeout=60)
        assert total(server, "s1") > 0
        done = call("clean", "reports", env=env, folder=tmp_path)
        assert done.returncode == Exit.OK, done.stdout + done.stderr
        assert (total(server, "s1"), total(server, "s2")) == (0, 0)
        again = call("clean", "reports", env=env, folder=tmp_path)
        assert again.returncode == Exit.OK


def served(running: subprocess.Popen[str]) -> str:
    """The address that ``serve`` prints, once it listens there."""
    assert running.stdout
    url = ""
    while not url:
        line = running.stdout.readline()
        assert line, "the server ended"
        url = line.removeprefix("export CHATS_URL=").strip() if "CHATS_URL=" in line else ""
    assert httpx.get(f"{url}/v1/chats").status_code == 401
    return url


def test_a_server_in_the_background_of_a_shell_ends_with_sigterm(tmp_path: Path) -> None:
    """A shell starts what it runs there with SIGINT ignored."""
    ignoring = ["sh", "-c", "trap '' INT; exec \"$@\"", "sh", *COMMAND, "serve"]
    running = subprocess.Popen(ignoring, stdout=subprocess.PIPE, text=True, cwd=tmp_path)
    served(running)
    running.terminate()
    said, _ = running.communicate(timeout=30)
    assert (running.returncode, said.splitlines()[-1]) == (0, "# stopped")


def test_the_embedded_server_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    running = start("serve", folder=tmp_path)
    url = served(running)
    running.kill()
    said, _ = running.communicate(timeout=30)
    assert "Traceback" not in said
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            httpx.get(f"{url}/v1/chats")
        except httpx.TransportError:
            return
        time.sleep(0.05)
    pytest.fail("the server outlived the process that started it")
