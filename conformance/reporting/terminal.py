"""The end of a run, in a terminal or in the log of a pipeline."""

from __future__ import annotations

import os
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from conformance import reporting
from conformance.catalogue import Level
from conformance.reporting import Entry, Exchange, Finding, account, hostile
from conformance.results import StoredRun
from conformance.verdict import Status, Verdict

STYLES = {
    Verdict.CONFORMANT: "bold green",
    Verdict.PARTIAL: "bold green",
    Verdict.INCONCLUSIVE: "bold yellow",
    Verdict.NON_CONFORMANT: "bold red",
}
LEVELS = {Level.MUST: "bold red", Level.SHOULD: "bold yellow", Level.OBSERVE: "bold cyan"}
FINDINGS, CURL, BODY = 3, 1500, 160
"""How many findings a card shows, and how much of a command and of a body."""
INDENT = 12
"""The width of a field's label with the blanks around it."""


LOG_WIDTH = 120


def plain(console: Console, env: Mapping[str, str] = os.environ) -> bool:
    """Whether output goes to a log rather than to a person's terminal."""
    return not console.is_terminal or bool(env.get("CI"))


def render(
    run: StoredRun,
    console: Console,
    reports: Sequence[Path] = (),
    env: Mapping[str, str] = os.environ,
) -> None:
    """Print what a run came to; ``reports`` are the files to point at."""
    logged = plain(console, env)
    if logged:
        width = max(console.width, LOG_WIDTH)
        console = Console(file=console.file, color_system=None, force_terminal=False, width=width)
    page = _Page(run, console, logged)
    page.overview()
    page.failures()
    page.warnings()
    page.waived()
    page.unjudged()
    page.facts()
    page.leftovers()
    page.errors()
    page.ending(reports)


@dataclass
class _Page:
    """Prints one section after the other. ``plain`` is without colours and lines drawn."""

    run: StoredRun
    console: Console
    plain: bool

    # -- sections ----------------------------------------------------------------------------------

    def overview(self) -> None:
        results = self.run.results
        self.say(reporting.sentence(self.run), STYLES[Verdict(results["verdict"])])
        server = (
            f" ({hostile.line(results['target']['server'])})" if results["target"]["server"] else ""
        )
        self.say(
            f"Target {hostile.line(results['target']['url'])}{server}, profile {results['profile']}"
        )
        if results["blocked"]:
            self.say(f"Nothing could be judged: {hostile.line(results['blocked'])}", "bold yellow")
        if results["interrupted"]:
            self.say(
                "The run was interrupted; what it had judged until then is shown.", "bold yellow"
            )
        self.say()
        self.console.print(self.table(), highlight=False)

    def failures(self) -> None:
        found = reporting.failures(self.run)
        if names := account.tokens(self.run):
            self.say()
            exports = " ".join(f"{name}=..." for name in names)
            self.say("The commands below take the tokens from the environment; set them first:")
            self.say(f"  export {exports}", "cyan")
        for entry in found:
            self.card(entry)

    def warnings(self) -> None:
        found = reporting.warnings(self.run)
        if not found:
            return
        self.heading(f"Warnings ({len(found)}): SHOULD requirements that fail", "yellow")
        for entry in found:
            self.name(entry)
            for finding in entry["findings"]:
                self.say(f"  {hostile.line(finding['summary'])}")
                self.field("expected", finding["expected"])
                self.field("actual", finding["actual"])
                self.history(finding)
                for command in finding["reproduce"][-1:]:
                    self.command(command)

    def waived(self) -> None:
        found = reporting.waived(self.run)
        if found:
            self.heading(f"Waived ({len(found)}): known failures, not counted as passed", "magenta")
        for entry in found:
            self.name(entry)
            self.field("known", reporting.waiver(entry), cut=CURL)
            for finding in entry["findings"][:1]:
                self.field("actual", finding["actual"] or finding["summary"])

    def unjudged(self) -> None:
        found = reporting.unjudged(self.run)
        if not found:
            return
        count = sum(map(len, found.values()))
        self.heading(f"Open ({count}): requirements that could not be judged", "yellow")
        for reason, entries in found.items():
            self.say(f"  {reporting.ids(entries)}")
            self.say(f"      {hostile.line(reason)}", "dim")

    def facts(self) -> None:
        found = reporting.facts(self.run)
        if not found:
            return
        self.heading(f"Observed ({len(found)}): facts that no requirement judges", "cyan")
        for fact in found:
            label = f"  {fact['requirement']:10} {hostile.line(fact['topic'])}: "
            self.print(Text.assemble((label, "dim"), hostile.line(fact["fact"])))

    def leftovers(self) -> None:
        found = self.run.results["leftovers"]
        if found:
            self.heading(
                f"Left in the target ({len(found)}): messages that could not be deleted", "red"
            )
            for chat in found:
                self.say(f"  {hostile.line(chat)}")

    def errors(self) -> None:
        found = self.run.results["errors"]
        if found:
            self.heading(
                f"Errors of the checker itself ({len(found)}): no fault of the target", "red"
            )
            for error in found:
                for line in hostile.block(error).splitlines():
                    self.say(f"  {line}")

    def ending(self, reports: Sequence[Path]) -> None:
        results = self.run.results
        self.say()
        if self.run.of_status(Status.FAILED, Status.INCONCLUSIVE):
            self.say(reporting.sentence(self.run), STYLES[Verdict(results["verdict"])])
        seconds = f"{results['seconds']:.1f} s"
        self.say(f"{results['requests']:,} requests in {seconds}, seed {results['seed']}", "dim")
        for path in reports:
            self.say(f"  {path}", "dim")

    # -- the table ---------------------------------------------------------------------------------

    def table(self) -> Table:
        """A row for each group that was selected, a column for each outcome of each level."""
        table = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False)
        table.add_column("Group")
        for level, statuses in self.columns():
            for status in statuses:
                table.add_column(f"{level}\n{WORDS[status]}", justify="right")
        rows = {group.id: self.members(group.id) for group in self.run.catalogue.groups}
        for group, entries in rows.items():
            if any(one["status"] != Status.NOT_SELECTED for one in entries):
                table.add_row(group, *self.cells(entries))
        table.add_row(Text("all", "bold"), *self.cells(self.run.results["requirements"]))
        return table

    def members(self, group: str) -> list[Entry]:
        entries = self.run.results["requirements"]
        return [one for one in entries if one["id"].partition("-")[0] == group]

    def columns(self) -> Iterator[tuple[Level, tuple[Status, ...]]]:
        """What there is to count at each level; what is waived only where something is."""
        waived = {one["level"] for one in reporting.waived(self.run)}
        for level, statuses in COLUMNS.items():
            yield level, (*statuses, Status.WAIVED) if level in waived else statuses

    def cells(self, entries: Iterable[Entry]) -> Iterator[Text]:
        counts = reporting.tally(entries)
        for level, statuses in self.columns():
            for status in statuses:
                count = counts[level, status]
                yield Text(str(count), COLOURS[status]) if count else Text("-", "dim")

    # -- a failure ---------------------------------------------------------------------------------

    def card(self, entry: Entry) -> None:
        """All that an implementer needs to see the failure again."""
        rule = self.run.catalogue.requirements.get(entry["id"])
        self.heading(f"{entry['id']}  {entry['level']}", LEVELS[Level(entry["level"])])
        if rule:
            self.say(rule.title, "bold")
            self.prose("why", rule.why)
        for finding in entry["findings"][:FINDINGS]:
            self.finding(finding)
        if (more := len(entry["findings"]) - FINDINGS) > 0:
            self.say()
            self.say(f"  and {more} more of this requirement, in the reports named below", "dim")
        self.say()
        self.field("again", reporting.rerun(self.run, entry["id"]), style="cyan", cut=CURL)

    def finding(self, finding: Finding) -> None:
        self.say()
        times = f" ({finding['times']} times)" if finding["times"] > 1 else ""
        self.say(f"  {hostile.line(finding['summary'])}{times}", "bold")
        self.field("expected", finding["expected"], style="green")
        self.field("actual", finding["actual"], style="red")
        self.field("at", finding["pointer"])
        story = account.story(self.run, finding)
        for exchange in story:
            self.exchange(exchange, last=exchange is story[-1])
        for command in finding["reproduce"]:
            self.command(command)
        if finding["example"]:
            self.say("  example")
            for line in hostile.block(finding["example"]).splitlines():
                self.say(f"    {line}")
        self.history(finding)
        self.field("test", finding["test"], style="dim")

    def history(self, finding: Finding) -> None:
        for line in account.history(finding):
            self.say(f"    {line}", "bold red" if line.endswith(account.UNEXPLAINED) else "")

    def exchange(self, exchange: Exchange, last: bool) -> None:
        line = f"{account.call(exchange)} -> {account.answer(exchange)}"
        self.field(exchange["id"], line, cut=len(line))
        if last:
            self.field("sent", exchange["request"].get("text", ""), style="dim", cut=BODY)
            self.field("got", (exchange["response"] or {}).get("text", ""), style="dim", cut=BODY)

    # -- lines -------------------------------------------------------------------------------------

    def heading(self, text: str, style: str) -> None:
        self.say()
        if self.plain:
            self.say(f"== {text}")
        else:
            self.console.print(Rule(Text(text, style), align="left", style=style))

    def name(self, entry: Entry) -> None:
        title = reporting.title(self.run, entry["id"])
        style = LEVELS[Level(entry["level"])]
        self.print(Text.assemble((f"{entry['id']} {entry['level']}", style), f"  {title}"))

    def field(self, label: str, text: str, style: str = "", cut: int = hostile.LINE) -> None:
        if text:
            head = (f"  {hostile.line(label):9} ", "dim")
            self.print(Text.assemble(head, (hostile.line(text, cut), style)))

    def prose(self, label: str, text: str) -> None:
        """The checker's own sentences, broken between words."""
        for row in textwrap.wrap(text, max(20, self.console.width - INDENT)):
            self.field(label, row, cut=len(row))
            label = ""

    def command(self, command: str) -> None:
        shown = hostile.command(command, CURL)
        self.field("$", shown, style="cyan", cut=len(shown))

    def say(self, text: str = "", style: str = "") -> None:
        self.print(Text(text, style))

    def print(self, text: Text) -> None:
        """A line that wraps where the terminal ends and nowhere else, so that it can be copied."""
        encoding = self.console.encoding
        if encoding.lower().replace("-", "") != "utf8":
            text = Text(text.plain.encode(encoding, "backslashreplace").decode(encoding))
        self.console.print(text, soft_wrap=True, highlight=False)


WORDS = {
    Status.PASSED: "ok",
    Status.FAILED: "failed",
    Status.INCONCLUSIVE: "open",
    Status.OBSERVED: "seen",
    Status.WAIVED: "waived",
}
COLOURS = {
    Status.PASSED: "green",
    Status.FAILED: "bold red",
    Status.INCONCLUSIVE: "yellow",
    Status.OBSERVED: "cyan",
    Status.WAIVED: "magenta",
}
COLUMNS = {
    Level.MUST: (Status.PASSED, Status.FAILED, Status.INCONCLUSIVE),
    Level.SHOULD: (Status.PASSED, Status.FAILED, Status.INCONCLUSIVE),
    Level.OBSERVE: (Status.OBSERVED, Status.INCONCLUSIVE),
}
