"""``chats-conformance verify``: works out anew what a certificate says, and tells what holds."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import jsonschema_rs
from rich.console import Console

from conformance import certificate, results
from conformance.catalogue import Level
from conformance.catalogue import load as load_catalogue
from conformance.certificate import EVIDENCE, Certificate, Refused
from conformance.exchange import Exchange, Request, Response
from conformance.reporting import hostile
from conformance.results import NoRun, StoredRun
from conformance.verdict import Exit, Status, status
from conformance.watch import Watch


class Outcome(StrEnum):
    HOLDS = "holds"
    FAILS = "FAILS"
    OPEN = "not checked"


@dataclass(frozen=True, slots=True)
class Check:
    """One line of a verification."""

    outcome: Outcome
    text: str


def holds(good: object, text: str, otherwise: str) -> Check:
    return Check(Outcome.HOLDS, text) if good else Check(Outcome.FAILS, otherwise)


def report(file: Path, folder: Path | None, key: Path | None, console: Console) -> Exit:
    """Print what holds of a certificate; 0 only where all that could be checked does."""
    found = certificate.read(file)
    checks = list(verify(found, folder, key))
    for check in checks:
        line = f"{check.outcome:12} {hostile.line(check.text)}"
        console.print(line, markup=False, highlight=False, soft_wrap=True)
    if any(check.outcome is Outcome.FAILS for check in checks):
        console.print("The certificate does not hold.")
        return Exit.NON_CONFORMANT
    if folder is None and (key is None or found.envelope is None):
        console.print("Nothing but its form was checked: give --run, --key, or both.")
        return Exit.INCONCLUSIVE
    console.print("What was checked holds.")
    return Exit.OK


def verify(found: Certificate, folder: Path | None, key: Path | None) -> Iterator[Check]:
    """Everything that can be checked, in the order in which it matters."""
    formed = schema().is_valid(dict(found.statement))
    yield holds(formed, "it has the form of a certificate", "it has not a certificate's form")
    yield _signature(found, key)
    if not formed:
        return
    yield from _about(found.statement)
    if folder is None:
        yield Check(Outcome.OPEN, "the evidence: give the run's folder with --run")
        return
    yield from _evidence(found.statement, folder)


@cache
def schema() -> Any:
    file = resources.files(__package__).joinpath("certificate.schema.json")
    return jsonschema_rs.validator_for(
        json.loads(file.read_text(encoding="utf-8")), validate_formats=True
    )


def _signature(found: Certificate, key: Path | None) -> Check:
    if key is None:
        what = "the signature: give the public key with --key"
        return Check(Outcome.OPEN, what if found.envelope else "who made it: it is not signed")
    public = certificate.public_key(key)
    if found.envelope is None:
        return Check(Outcome.FAILS, "it is not signed, and --key asks for a signature")
    good = certificate.signed_by(found.envelope, public)
    shown = public.keyid[:16]
    return holds(good, f"it is signed with the key {shown}", f"the key {shown} did not sign this")


def _about(statement: Mapping[str, Any]) -> Iterator[Check]:
    """What can be seen from the certificate alone."""
    predicate = statement["predicate"]
    catalogue = load_catalogue()
    stated: Mapping[str, str] = predicate["requirements"]
    profile = predicate["configuration"][0]["annotations"]["profile"]
    yield holds(
        list(stated) == [rule.id for rule in catalogue],
        f"it speaks of all {len(catalogue)} requirements",
        "it speaks of other requirements than this checker's",
    )
    entries = [
        {"id": id, "level": str(catalogue[id].level), "status": one}
        for id, one in stated.items()
        if id in catalogue
    ]
    verdict = results.judge(entries, profile)
    yield holds(
        verdict == predicate["verdict"] == "conformant",
        f"its outcomes amount to {predicate['verdict']} under {profile}",
        f"its outcomes amount to {verdict} under {profile}, and it says {predicate['verdict']}",
    )
    lists = certificate.outcomes(entries)
    agree = all(predicate[name] == lists[name] for name in lists)
    yield holds(agree, "its lists agree with them", "its lists do not agree with them")
    judged_by = predicate["configuration"][1]["digest"]
    kept = predicate["evidence"][EVIDENCE.index(results.DOCUMENT)]["digest"]
    yield holds(
        judged_by == kept,
        "the document that it judged by is in its evidence",
        "the document that it judged by is not the one in its evidence",
    )
    yield holds(
        predicate["meaning"] == certificate.MEANING,
        "its explanations are the checker's",
        "its explanations are not the checker's",
    )


# -- against the run -------------------------------------------------------------------------------


def _evidence(statement: Mapping[str, Any], folder: Path) -> Iterator[Check]:
    intact = True
    for one in statement["predicate"]["evidence"]:
        name = one["name"]
        # The schema allows the names of the evidence files and no other path.
        file = folder / name
        same = file.is_file() and certificate.digest(file) == one["digest"]["sha256"]
        intact &= same
        yield holds(same, f"{name} is what was certified", f"{name} is missing or was changed")
    if not intact:
        yield Check(Outcome.OPEN, "what the evidence says, since it is not what was certified")
        return
    try:
        run = results.load(folder)
        again = certificate.state(run)
    except (NoRun, Refused) as problem:
        yield Check(Outcome.FAILS, str(problem))
        return
    yield from _statuses(run)
    yield _exchanges(run)
    for part in ("subject", "predicate"):
        yield holds(
            again[part] == statement[part],
            f"its {part} is what the run says",
            f"its {part} is not what the run says",
        )


def _statuses(run: StoredRun) -> Iterator[Check]:
    """Whether the outcomes follow from what was counted, by the levels of the catalogue."""
    wrong = [one["id"] for one in run.results["requirements"] if not _follows(one)]
    yield holds(
        not wrong,
        "each outcome follows from its evidence",
        f"{', '.join(wrong[:5])}: the outcome does not follow from the evidence",
    )
    named = {id for one in run.results["observations"] for id in one["exchanges"]}
    named |= {
        id
        for one in run.results["requirements"]
        for finding in one["findings"]
        for id in finding["exchanges"]
    }
    missing = named - set(run.exchanges)
    yield holds(
        not missing,
        f"every exchange that it names is among the {len(run.exchanges):,} recorded ones",
        f"{len(missing)} exchanges that it names are not recorded",
    )


def _follows(one: Mapping[str, Any]) -> bool:
    level = load_catalogue()[one["id"]].level
    if Level(one["level"]) is not level:
        return False
    stated = Status(one["status"])
    if stated in (Status.NOT_SELECTED, Status.INCONCLUSIVE):
        return True
    counts = {key: one[key] for key in ("checks", "exchanges")}
    due = status(level, findings=len(one["findings"]), unjudged=0, **counts)
    return stated is due or (stated is Status.WAIVED and due is Status.FAILED)


def _exchanges(run: StoredRun) -> Check:
    """What every answer has to keep is judged again, from the answers alone."""
    read = run.contract
    if read is None:
        return Check(Outcome.OPEN, "the answers: the document that they were judged by is missing")
    passed = {one["id"] for one in run.of_status(Status.PASSED)}
    watches: dict[str, Watch] = {}
    broken: dict[str, str] = {}
    for one in run.exchanges.values():
        watch = watches.setdefault(str(one["id"]).rpartition("x")[0], Watch(read))
        for rule, finding in watch.judge(revived(one)):
            if finding and rule in passed:
                broken.setdefault(rule, str(one["id"]))
    named = ", ".join(f"{rule} in {id}" for rule, id in list(broken.items())[:5])
    return holds(
        not broken,
        f"{len(run.exchanges):,} answers judged again break nothing that is said to pass",
        f"answers break what is said to pass: {named}",
    )


def revived(stored: Mapping[str, Any]) -> Exchange:
    """An exchange from its stored form; tokens stay the names that stand for them."""
    request, response = stored["request"], stored["response"]
    return Exchange(
        id=stored["id"],
        test=stored["test"],
        actor=stored["actor"],
        operation=stored["operation"],
        request=Request(
            request["method"], request["url"], _pairs(request["headers"]), body(request)
        ),
        response=response and answer(response),
        error=stored["error"],
        started=stored["started"],
        # Recordings of older versions hold no more than the time of day.
        began=stored.get("began", stored["started"]),
        ended=stored.get("ended", stored["started"] + stored["elapsed"]),
    )


def answer(response: Mapping[str, Any]) -> Response:
    return Response(
        response["status"],
        response["reason"],
        response["version"],
        _pairs(response["headers"]),
        body(response),
    )


def body(message: Mapping[str, Any]) -> bytes:
    if "base64" in message:
        return base64.b64decode(message["base64"])
    return str(message["text"]).encode("utf-8", "surrogatepass")


def _pairs(headers: list[list[str]]) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in headers)
