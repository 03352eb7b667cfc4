"""The commands, and nothing else: each turns words into a call, and the outcome into a status."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from conformance import __version__, baseline, contract_file, engine, results, settings
from conformance import explain as explaining
from conformance.catalogue import UnknownRequirement
from conformance.catalogue import load as load_catalogue
from conformance.contract import ContractError
from conformance.reference.process import NotStarted
from conformance.reference.registry import UnknownDeviation
from conformance.reference.registry import faults as known_faults
from conformance.reporting import DEFAULTS, FORMATS
from conformance.results import Unusable
from conformance.settings import Settings, SettingsError
from conformance.verdict import Exit

BAD_INPUT = (
    SettingsError,
    ContractError,
    UnknownRequirement,
    UnknownDeviation,
    NotStarted,
    Unusable,
)


class Commands(click.Group):
    """Bad input ends each command with one line and status 2, an error of our own with 4.

    No end of ours may have the status 1 that Python and Click give it: it is a verdict.
    """

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BAD_INPUT as problem:
            click.echo(f"chats-conformance: {problem}", err=True)
            ctx.exit(Exit.USAGE)
        except (KeyboardInterrupt, click.Abort):
            click.echo("chats-conformance: interrupted", err=True)
            ctx.exit(Exit.INTERRUPTED)
        except (click.ClickException, click.exceptions.Exit):
            raise
        except Exception:
            traceback.print_exc()
            ctx.exit(Exit.OWN_ERROR)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="chats-conformance")
def main() -> None:
    """Judge a QuickSync Chats API server: does it keep the contract?

    Without a target, every command acts on an embedded reference server.
    """


TARGET_OPTIONS = (
    click.option("--url", metavar="URL", help="The target; default: an embedded server."),
    click.option(
        "--config",
        type=click.Path(path_type=Path),
        metavar="FILE",
        help="Settings; default: conformance.toml.",
    ),
    click.option("--openapi", metavar="FILE", help="Another OpenAPI document to judge by."),
    click.option(
        "--profile",
        type=click.Choice(settings.PROFILES),
        help="strict: a SHOULD counts as a MUST.",
    ),
    click.option("--depth", type=click.Choice(settings.DEPTHS), help="How much to try."),
    click.option(
        "--select",
        multiple=True,
        metavar="ID|GROUP",
        help="Judge these alone (repeatable).",
    ),
    click.option(
        "--skip",
        multiple=True,
        metavar="ID|GROUP",
        help="Judge all but these (repeatable).",
    ),
    click.option("--seed", type=int, metavar="N", help="The seed of all that is generated."),
    click.option(
        "--workers",
        type=int,
        metavar="N",
        help="Processes; each needs a session of its own.",
    ),
    click.option("--rate", type=float, metavar="N", help="At most N requests a second."),
    click.option(
        "--deadline", type=float, metavar="SECONDS", help="Begin no test after this time."
    ),
    click.option(
        "--report-dir",
        type=click.Path(path_type=Path),
        metavar="DIR",
        help="Where the run is stored; default: reports.",
    ),
)
"""The options of every command that talks to a target."""


def target_options(command: Callable[..., Any]) -> Callable[..., Any]:
    for option in reversed(TARGET_OPTIONS):
        command = option(command)
    return command


def read(config: Path | None, flags: dict[str, Any]) -> Settings:
    return settings.load(config, flags)


format_option = click.option(
    "--format",
    "formats",
    multiple=True,
    metavar="NAME",
    help=f"Of {', '.join(FORMATS)} (repeatable); default: {', '.join(DEFAULTS)}.",
)


@main.command()
@target_options
@format_option
@click.option(
    "--baseline",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Known failures, which are waived (TOML).",
)
@click.option(
    "--baseline-update",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Write the failures of this run as known, for review.",
)
def run(config: Path | None, baseline_update: Path | None, **flags: Any) -> None:
    """Run the suite against a target and say whether it conforms."""
    from conformance.reporting import chosen as chosen_formats
    from conformance.reporting import github, live, terminal, write

    chosen = read(config, flags)
    chosen_formats(chosen.formats)  # a name that is none is told before the run
    baseline.already(baseline_update)  # a file that cannot be read is told before the run
    console = Console()
    with live.watching(console, chosen.profile, known=baseline.load(chosen.baseline)) as progress:
        outcome = engine.execute(chosen, progress)
    stored = results.load(chosen.report_dir)
    terminal.render(stored, console, write(stored, chosen.formats))
    github.publish(stored, sys.stdout)
    if baseline_update:
        say(baseline.updated(baseline_update, outcome))
    if complaint := baseline.complaint(chosen.baseline, outcome):
        say(complaint)
    sys.exit(outcome["exitStatus"])


def say(line: str) -> None:
    """A line beside the report, which goes to standard output."""
    click.echo(f"chats-conformance: {line}", err=True)


@main.command()
@target_options
def plan(config: Path | None, **flags: Any) -> None:
    """Say what a run would do; sends nothing."""
    from conformance import planning

    planning.render(planning.plan(read(config, flags)), Console())


@main.command()
@target_options
def doctor(config: Path | None, **flags: Any) -> None:
    """Look at the set-up alone: reachability, tokens, roles, sessions."""
    from conformance import advice

    sys.exit(advice.examine(read(config, flags), Console()))


@main.command()
@click.argument("id", required=False)
@click.option(
    "--openapi", type=click.Path(path_type=Path), metavar="FILE", help="Another OpenAPI document."
)
def explain(id: str | None, openapi: Path | None) -> None:
    """Explain a requirement: what it asks, why, where from, and what proves its test."""
    catalogue = load_catalogue()
    chosen = catalogue.select([id]) if id else ()
    operations = contract_file.load(openapi).operations
    paths = {name: (one.method, one.path) for name, one in operations.items()}
    proofs: dict[str, list[Any]] = {}
    for fault in known_faults():
        for rule in fault.breaks[:1]:
            proofs.setdefault(rule, []).append(fault)
    for requirement in chosen or (None,):
        explaining.render(Console(), requirement, engine.tests(), proofs, paths)


@main.command()
@click.option("--port", type=int, default=0, metavar="N", help="Default: a free one.")
@click.option("--host", default="127.0.0.1", metavar="ADDRESS", help="Default: 127.0.0.1.")
@click.option(
    "--fault",
    "deviations",
    multiple=True,
    metavar="ID",
    help="A fault or variant to switch on (repeatable).",
)
@click.option(
    "--openapi",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Another OpenAPI document to serve.",
)
def serve(port: int, host: str, deviations: tuple[str, ...], openapi: Path | None) -> None:
    """Run the reference server until Ctrl-C."""
    from conformance.reference import serving

    serving.serve(Console(highlight=False), host, port, deviations, openapi)


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@target_options
def clean(folder: Path, config: Path | None, **flags: Any) -> None:
    """Delete what a broken-off run left behind, from the journal in its folder."""
    from conformance import cleaning

    sys.exit(cleaning.clean(folder, read(config, flags), Console()))


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--key",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Sign with this Ed25519 private key (PEM).",
)
def certify(folder: Path, key: Path | None) -> None:
    """Write the certificate of a full, conformant run into its folder.

    Any other run is refused: status 1 where the target is not conformant, else 3.
    """
    from conformance import certificate

    try:
        click.echo(certificate.write(results.load(folder), key))
    except certificate.Refused as reason:
        say(str(reason))
        sys.exit(reason.status)


@main.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--run",
    "folder",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The folder of the run that was certified.",
)
@click.option(
    "--key",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The public key (PEM) that it has to be signed with.",
)
def verify(file: Path, folder: Path | None, key: Path | None) -> None:
    """Check a certificate, line by line: its form, its signature, and the run's evidence.

    Status 0 where all that was checked holds, 1 where something does not, 3 where only its form
    could be checked.
    """
    from conformance import verification

    sys.exit(verification.report(file, folder, key, Console()))


@main.command()
@click.argument(
    "folders", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="DIR..."
)
@format_option
@click.option(
    "--merge",
    "whole",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Put runs that each judged a part together as one, in this folder.",
)
@click.option(
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="The page of a comparison; default: comparison.html in the last folder.",
)
def report(
    folders: tuple[Path, ...], formats: tuple[str, ...], whole: Path | None, output: Path | None
) -> None:
    """Write the reports of a run again; compare two runs, or show several side by side.

    Ends with status 0 whatever the runs came to.
    """
    from conformance import comparison, shards
    from conformance.reporting import compare, github, terminal, write

    runs = [results.load(folder) for folder in folders]
    if whole:
        runs = [shards.merge(runs, whole)]
    if len(runs) == 1:
        terminal.render(runs[0], Console(), write(runs[0], formats))
        github.publish(runs[0], sys.stdout)
        return
    if formats:
        raise Unusable("--format is for one run; a comparison is a page and what is printed here")
    found = comparison.compare(runs)
    compare.show(found, Console(), compare.write(found, output or folders[-1] / compare.FILE))


@main.command()
@click.option(
    "--select",
    multiple=True,
    metavar="ID|GROUP",
    help="The faults that break these requirements first (repeatable).",
)
@click.option("--fault", "ids", multiple=True, metavar="ID", help="These alone (repeatable).")
@click.option("--list", "listing", is_flag=True, help="List all faults and variants.")
@click.option(
    "--report-dir",
    type=click.Path(path_type=Path),
    default=Path("reports/faults"),
    metavar="DIR",
    help="Where the matrix is written; default: reports/faults.",
)
def faults(select: tuple[str, ...], ids: tuple[str, ...], listing: bool, report_dir: Path) -> None:
    """Prove the suite: every fault and variant of the reference server against it."""
    from conformance import killing

    console = Console()
    if listing:
        killing.listed(console)
        return
    rows = killing.run(killing.chosen(select, ids), report_dir, console)
    sys.exit(killing.conclude(rows, console))


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--openapi", type=click.Path(path_type=Path), metavar="FILE", help="The run's document."
)
def replay(folder: Path, openapi: Path | None) -> None:
    """Judge a stored run again, offline, from its recorded answers.

    Status 0 where every requirement comes out the same, 1 where one comes out otherwise, 3 where
    some cannot be judged again.
    """
    from conformance import rejudging

    sys.exit(rejudging.report(folder, openapi, Console()))
