"""The target of a process's tests: the server named in the settings, or an embedded one."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from conformance import evidence
from conformance.reference import process, roster
from conformance.reference.process import Running
from conformance.run import Run, open_run
from conformance.secret import Secret
from conformance.settings import SessionTokens, Settings


@dataclass
class Target:
    """A run that is open, with its preflight done, and the embedded server where there is one."""

    run: Run
    server: Running | None
    preflight: dict[str, Any]
    """The evidence of the preflight, in the form of ``Evidence.dump``."""
    leftovers: list[str] = field(default_factory=list)
    closed: bool = False

    @classmethod
    def open(
        cls, settings: Settings, number: int = 0, prefix: str = "", folder: Path | None = None
    ) -> Target:
        """Open a run and look at its set-up. Raises ContractError and NotStarted."""
        server = None
        if settings.url is None:
            server = process.start(openapi=settings.openapi)
            settings = embedded(settings, server)
        try:
            run = open_run(settings, number, prefix, folder)
            running_test = evidence.current()
            found = evidence.begin("preflight", ())
            try:
                run.preflight()
            except BaseException:
                run.close()
                raise
            finally:
                evidence.resume(running_test)
        except BaseException:
            if server:
                server.stop()
            raise
        return cls(run, server, run.recorder.redactor.data(found.dump()))

    def close(self) -> None:
        """Delete what the run left and stop the embedded server; harmless when done already."""
        if self.closed:
            return
        self.closed = True
        try:
            self.leftovers = self.run.recorder.redactor.data(self.run.close())
        finally:
            if self.server:
                self.server.stop()

    def closing(self) -> dict[str, Any]:
        """What the end of a run has to tell, in a form that travels between processes."""
        return {
            "leftovers": self.leftovers,
            "requests": self.run.transport.requests,
            "preflight": self.preflight,
            "server": self.run.standing.server,
        }


def embedded(settings: Settings, server: Running) -> Settings:
    """``settings`` for a server of our own, with the tokens that it was given."""
    sessions = tuple(_tokens(server.roster, name) for name in server.roster.sessions)
    return replace(settings, url=server.url, sessions=sessions)


def _tokens(people: roster.Roster, name: str) -> SessionTokens:
    host, members = people.tokens(name)
    shown = name.upper()
    numbered = enumerate(members, 1)
    return SessionTokens(
        name,
        Secret(f"{shown}_HOST", host),
        tuple(Secret(f"{shown}_MEMBER_{number}", token) for number, token in numbered),
    )
