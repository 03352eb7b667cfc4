"""A sequence of calls as text to paste: a script of curl lines, and a test in the suite's words."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from conformance.client import Participant
from conformance.contract import Contract

LONG = 60
"""A text of more characters, all alike, is written as so many of one."""


@dataclass(frozen=True, slots=True)
class Line:
    """One call, in both languages."""

    shell: str
    python: str


class FromTotal(int):
    """A number that is written down by its distance from the messages that were there before."""

    distance: int

    def __new__(cls, value: int, total: int) -> FromTotal:
        made = super().__new__(cls, value)
        made.distance = value - total
        return made

    def __str__(self) -> str:
        return str(int(self))

    def __repr__(self) -> str:
        return f"total {'-' if self.distance < 0 else '+'} {abs(self.distance)}"


@dataclass
class Scribe:
    """Writes calls down as they are made; what an answer made is called by a name from then on.

    ``people`` are the names of the fixtures that stand for the people.
    """

    contract: Contract
    base: str
    people: dict[str, str]
    lines: list[Line] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    cast: dict[str, str] = field(default_factory=dict)
    """Who acted, in the order of appearance: the fixture's name and the token's variable."""

    # -- what is done ----------------------------------------------------------------------------

    def send(self, who: Participant, text: str, id: str) -> None:
        name = self._name(id, "m")
        long = len(text) > LONG and len(set(text)) == 1
        body = shlex.quote(json.dumps({"message": text}))
        if long:
            body = f'"{{\\"message\\": \\"$(printf {text[0]}%.0s $(seq {len(text)}))\\"}}"'
        words = f"{_literal(text[0])} * {len(text)}" if long else _literal(text)
        shell = self._curl(who, "sendChat", body=body)
        self._write(
            f"{name}=$({shell} | jq -r .chatId)",
            f"{name} = {self._who(who)}.send({words})",
        )

    def send_many(self, who: Participant, texts: Sequence[str], ids: Sequence[str]) -> None:
        name, end = self._name("", "many"), len(texts) + 1
        self.names.update((id, f"{name}[{place}]") for place, id in enumerate(ids))
        body = '"{\\"message\\": \\"number $n\\"}"'
        shell = self._curl(who, "sendChat", body=body)
        self._write(
            f'for n in $(seq {len(texts)}); do {name}+=("$({shell} | jq -r .chatId)"); done',
            f'{name} = [{self._who(who)}.send(f"number {{n}}") for n in range(1, {end})]',
        )

    def react(self, who: Participant, chat: str, reaction: str, id: str) -> None:
        body = shlex.quote(json.dumps({"reaction": reaction}))
        shell = self._curl(who, "addReaction", body=body, chatId=chat)
        call = f"{self._who(who)}.react({self.said(chat)}, {_literal(reaction)})"
        if not id or id in self.names:
            self._write(shell, call)
            return
        name = self._name(id, "r")
        self._write(f"{name}=$({shell} | jq -r .reactionId)", f"{name} = {call}")

    def read_pin(self, host: Participant, chat: str, pin: str) -> None:
        """Where a pin's id is read off the list, so that a later call can use it."""
        name = self._name(pin, "p")
        chosen = ".messages[] | select(.chatId == $id) | .pinned.id"
        newest = f"?SortBy={self.contract.limits.created_key}&Ascending=false"
        shell = self._curl(host, "listChats", query=newest)
        self._write(
            f"{name}=$({shell} | jq -r --arg id {self._word(chat)} '{chosen}')",
            f"{name} = shown({self._who(host)}, {self.said(chat)}).pin",
        )

    def call(self, who: Participant, verb: str, operation: str, **ids: str) -> None:
        """A call without a body, and without anything to remember of its answer."""
        given = ", ".join(map(self.said, ids.values()))
        self._write(self._curl(who, operation, **ids), f"{self._who(who)}.{verb}({given})")

    def list(self, who: Participant, **query: object) -> None:
        keys = {"skip": "Skip", "take": "Take", "sort": "SortBy", "ascending": "Ascending"}
        asked = [(key, value) for key, value in query.items() if value is not None]
        words = "&".join(f"{keys[key]}={_shell_word(value)}" for key, value in asked)
        python = ", ".join(f"{key}={value!r}" for key, value in asked)
        shell = self._curl(who, "listChats", query=f"?{words}" if words else "")
        self._write(shell, f"{self._who(who)}.list({python})")

    def reactions(self, who: Participant, chats: Sequence[str]) -> None:
        words = "&".join(f"chatId=$(uri {self._word(chat)})" for chat in chats)
        shell = self._curl(who, "listReactions", query=f"?{words}")
        self._write(shell, f"{self._who(who)}.reactions({', '.join(map(self.said, chats))})")

    # -- words -----------------------------------------------------------------------------------

    def said(self, id: str) -> str:
        """An id in Python: the name of what has it, or the id itself."""
        return self.names.get(id) or _literal(id)

    def person(self, who: Participant) -> str:
        return self._who(who)

    def answer(self) -> str:
        """The name of the last call's answer in Python, which it gets now if it has none."""
        last = self.lines[-1]
        if "= " not in last.python.partition("(")[0]:
            self.lines[-1] = replace(last, python=f"answer = {last.python}")
        return self.lines[-1].python.partition(" = ")[0]

    def _word(self, id: str) -> str:
        name = self.names.get(id)
        return f'"${{{name}}}"' if name else shlex.quote(id)

    def _who(self, who: Participant) -> str:
        name = self.people[who.name]
        self.cast.setdefault(name, who.secret.name)
        return name

    def _name(self, id: str, letter: str) -> str:
        taken = {name.partition("[")[0] for name in self.names.values()}
        number = sum(name.rstrip("0123456789") == letter for name in taken) + 1
        self.names[id or f"\0{letter}{number}"] = f"{letter}{number}"
        return f"{letter}{number}"

    def _write(self, shell: str, python: str) -> None:
        self.lines.append(Line(shell, python))

    def _curl(
        self, who: Participant, operation: str, *, body: str = "", query: str = "", **ids: str
    ) -> str:
        self._who(who)
        known = self.contract.operations[operation]
        path = known.path
        for key, id in ids.items():
            path = path.replace(f"{{{key}}}", f"$(uri {self._word(id)})")
        words = ["curl -sS", *([f"-X {known.method}"] if known.method != "GET" else [])]
        words.append(f'-H "Authorization: Bearer ${who.secret.name}"')
        words += ["-H 'Content-Type: application/json'", f"--data {body}"] if body else []
        return f'{" ".join(words)} "$url{path}{query}"'

    # -- the whole -------------------------------------------------------------------------------

    def script(self, comment: str) -> str:
        """A script for bash, with curl and jq. The tokens are in variables."""
        people = ", ".join(f"{name} ${token}" for name, token in self.cast.items())
        counts = any("total" in line.shell for line in self.lines)
        return "\n".join(
            [
                *(f"# {line}" for line in comment.splitlines()),
                f"# Needs bash, curl and jq, and the tokens: {people}",
                f"url={shlex.quote(self.base)}",
                "uri() { jq -rn --arg id \"$1\" '$id | @uri'; }",
                *([f"total=$({self._first_page()} | jq .totalCount)"] if counts else []),
                *(line.shell for line in self.lines),
            ]
        )

    def _first_page(self) -> str:
        path, token = self.contract.operations["listChats"].path, next(iter(self.cast.values()))
        return f'curl -sS -H "Authorization: Bearer ${token}" "$url{path}"'

    def test(self, rule: str, summary: str, check: Sequence[str]) -> str:
        """A pytest function. ``check`` are its last lines."""
        body = [line.python for line in self.lines] + list(check)
        if any("total " in line for line in body):
            body.insert(0, f"total = {next(iter(self.cast))}.list().total")
        words = {word for word in VOCABULARY if any(f"{word}(" in line for line in body)}
        imports = [
            f"from {home} import {', '.join(sorted(words & known))}"
            for home, known in HOMES.items()
            if words & known
        ]
        return "\n".join(
            [
                *imports,
                "from conformance.plugin import requirement",
                "",
                "",
                f"@requirement({_literal(rule)})",
                f"def test_a_sequence_of_calls({', '.join(self.cast)}):",
                f'    """{summary.replace(chr(34), chr(39))}."""',
                *(f"    {line}" for line in body),
            ]
        )


HOMES = {
    "conformance.expect": {"accepted", "equal", "holds", "refused"},
    "conformance.suite.steps": {"shown"},
    "conformance.views": {"find"},
}
VOCABULARY = set[str]().union(*HOMES.values())


def _literal(text: str) -> str:
    return json.dumps(text)


def _shell_word(value: object) -> str:
    if isinstance(value, FromTotal):
        return f"$(({value!r}))"
    return str(value).lower() if isinstance(value, bool) else str(value)
