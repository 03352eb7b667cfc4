"""SEND: texts come back as they were sent, up to the limit and not beyond."""

from __future__ import annotations

import json
from typing import Any

import pytest

from conformance import evidence
from conformance.client import Answer, Participant, Sent
from conformance.contract import Limits
from conformance.expect import accepted, holds, require_quiet
from conformance.plugin import requirement
from conformance.suite.texts import came_back, fitted, listed, too_long, units
from conformance.values import equivalent
from conformance.views import View, look

People = tuple[Participant, ...]

SIGNS = (
    *({f"the word {word}": word} for word in ("0", "42", "null", "undefined", "NaN", "True")),
    {"a time": "2025-06-26T08:48:07Z"},
    {"digits": "00123"},
    {"quotes": "\"it's\" ''so'' `b` \"q"},
    {"a formula": "=1+1, of which a sheet gives 2"},
    {
        "a command": "/me waves",
        "numbers and addresses": "4111111111111111 127.0.0.1 a@e.org +49 170 1234567",
        "colours of a terminal": "\x1b[31mred\x1b[0m",
        "lines with blanks at their ends": "a list:\n  - of one  \n\tend",
        "words that filters look for": "damn, what the hell, Scunthorpe",
    },
    {
        "backslashes": r"C:\new\table \\ \" \u0041 \x",
        "format codes": "100%% %s %d %41 a%20b a+b &c=1 && {0} {{x}} ${7} $$x$$",
        "short codes": ":thumbs_up: :) (c) -- ... @bob @here /me",
        "letter case": "MiXeD İstanbul ısı ẞß Σς",
    },
    {
        "line breaks": "one\ntwo\r\nthree\n\n\nfour\tfive\rsix",
        "blanks": "a  b   c\u00a0d\u3000e\u2003f\u202fg",
        "control characters": "a\x01b\x07c\x1bd\x7fe\x0bf\x85g\x08h\x0ci",
        "a line separator": "a\u2028b\u2029c",
    },
    {
        "HTML characters": "<script>a < '2' & &lt;</script> &#39;",
        "SQL": "'; DROP TABLE x; UNION SELECT 1 -- %_",
        "markup and links": "**b** ~~s~~ _i_ [x](//e.org) http://e.org javascript:x()",
        "signs and numbers": "a -> b <3 1/2 4111 1111 1111 1111",
        "runs of one character": "heyyyyyy!!!!!! ??????",
    },
)
"""What comes back as it was; what stands in one message with others is told apart on failure."""

SCRIPTS = (
    {
        "emoji": "👍🏽 👨‍👩‍👧 🏳️‍🌈 🇩🇪 ❤️ 1️⃣",
        "the flag of a region": "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
        "characters beyond the basic plane": "𝒳 𠮷 😀 𐍈 \U0010fffd end",
        "private and odd characters": "a\ue000b\ufffdc\u034fd",
    },
    {
        "combining marks": "e\u0301 é a\u0308\u0323 n\u0303 q\u0301 \u0915\u093f",
        "decomposed letters": "Zoe\u0308 A\u030a \u1112\u1161\u11ab",
        "composed letters": "Zoë Å \u212b \u2126 한 \uf900",
    },
    {
        "compatibility characters": "ﬁ ① Ａ！ ² ™ ﾊﾝ ſ 〜",
        "letters of many scripts": "naïve Ünï Łş Ωμέγα Жук ไทย 漢字 かな 한글。",
    },
    {
        "right-to-left text": "שלום مرحبا abc \u200f!\u200e \u202ex\u202c \u2066y\u2069",
        "letters without a shape": "a\u115fb\u3164c\u180ed\u2800e",
        "zero-width characters": "می\u200cخواهم a\u200bb c\u2060d e\ufefff g\u00adh",
    },
)

ENDS = (
    "  blanks on both sides  ",
    "\n\tlines around\r\n",
    "\u00a0wide\u3000",
    "\ufeffmarked",
)


@requirement("SEND-2", "SEND-18")
@pytest.mark.parametrize("texts", (SIGNS, SCRIPTS), ids=("signs", "scripts"))
def test_a_text_comes_back_as_it_was_sent(
    everyone: People, limits: Limits, texts: tuple[dict[str, str], ...]
) -> None:
    """In the answer, and in the list, be it one's own or somebody else's."""
    together = [joined(parts) for parts in texts]
    if any(units(text) > limits.message_length for text in together):
        parts = {what: text for parts in texts for what, text in parts.items()}
        all_come_back(
            everyone, {what: fitted(text, limits.message_length) for what, text in parts.items()}
        )
        return
    intact = unaltered(everyone, together)
    for rule in ("SEND-2", "SEND-18"):
        holds(True, "", rule=rule)
    for parts, text in zip(texts, together, strict=True):
        if text not in intact:
            told_apart(everyone, parts)


def joined(parts: dict[str, str]) -> str:
    return " | ".join(parts.values())


def unaltered(everyone: People, texts: list[str]) -> set[str]:
    """Those that are accepted, answered and listed code point by code point."""
    sent = [(everyone[n % len(everyone)].send(text), text) for n, text in enumerate(texts)]
    kept = [(answer, text) for answer, text in sent if answer.accepted]
    found = listed(everyone[2], [answer for answer, _ in kept])
    return {
        text
        for answer, text in kept
        if answer.text == text and answer.id in found and found[answer.id].text == text
    }


def told_apart(everyone: People, parts: dict[str, str]) -> None:
    """Which of the parts is altered, sent alone; or else the text that they make together."""
    known = len(evidence.current().findings)
    all_come_back(everyone, parts)
    if len(evidence.current().findings) == known:
        all_come_back(everyone, {f"a text with {', '.join(parts)}": joined(parts)})


@requirement("SEND-14", "SEND-2")
def test_white_space_at_the_ends_of_a_text_is_kept(everyone: People, limits: Limits) -> None:
    """SEND-2 still holds for what stands between."""
    texts = {ascii(text): text for text in ENDS if units(text) <= limits.message_length}
    all_come_back(everyone, texts)


def all_come_back(everyone: People, texts: dict[str, str]) -> None:
    """Each text in the answer and, where that has it right, in the list."""
    sent: dict[str, Sent] = {}
    for number, (what, text) in enumerate(texts.items()):
        answer = everyone[number % len(everyone)].send(text)
        if accepted(answer, 200, rule="SEND-1"):
            sent[what] = answer
    found = listed(everyone[2], sent.values())
    for what, answer in sent.items():
        on: tuple[Answer, ...] = (answer,)
        right = came_back(texts[what], answer.text, what, "the answer", on=on, at="/message")
        message = found.get(answer.id)
        if right and message:
            on, at = (answer, message.page), message.pointer("message")
            came_back(texts[what], message.text, what, "the list", on=on, at=at)


@requirement("SEND-2")
def test_a_text_that_not_all_can_store_is_refused_or_kept(alice: Participant) -> None:
    """U+0000, and half a surrogate pair, which has no UTF-8 form but one in JSON's escapes."""
    null, half = alice.send("ab\x00cd"), alice.send("ab\ud800cd")
    kept = {answer.id: answer for answer in (null, half) if answer.accepted}
    for id, message in listed(alice, kept.values()).items():
        answer = kept[id]
        what = "U+0000" if answer is null else "half a surrogate pair"
        for text, where in ((answer.text, "the answer"), (message.text, "the list")):
            holds(
                text == ("ab\x00cd" if answer is null else "ab\ud800cd"),
                f"a text with {what} was accepted and came back altered in {where}",
                expected="refused, or kept",
                actual=ascii(text),
                on=(answer, message.page),
            )


# -- the limit -------------------------------------------------------------------------------------

LETTER, IDEOGRAPH, EMOJI, CLUSTER = "x", "漢", "😀", "q\u0301"
"""One of ASCII, one of three octets, one of two UTF-16 units, and two code points seen as one."""

IN_ESCAPES = "letters that are written in escapes"
MARKUP = "a\"\\<&'%\tb"
"""Characters that grow where they are escaped."""


def filled(pattern: str, length: int) -> str:
    """So many characters of a repeated pattern, with letters at its ends."""
    return (pattern * length)[: length - 1] + LETTER


@requirement("SEND-5", "SEND-6")
def test_a_text_that_fills_the_limit_is_accepted_whole(everyone: People, limits: Limits) -> None:
    """In ASCII, in the basic plane, beyond it, and in characters that are often escaped.

    JSON may write any character in six octets: that makes no text longer.
    """
    most = limits.message_length
    texts = {
        "ASCII letters": (LETTER * most, "SEND-5"),
        "letters of the basic plane": (IDEOGRAPH * most, "SEND-5"),
        IN_ESCAPES: ("語" * most, "SEND-5"),
        "characters beyond the basic plane": (EMOJI * max(most // 2, 1), "SEND-5"),
        "characters that are escaped in markup": (filled(MARKUP, most), "SEND-1"),
    }
    fitting = {what: pair for what, pair in texts.items() if units(pair[0]) <= most}
    sent: dict[str, Sent] = {}
    for number, (what, (text, rule)) in enumerate(fitting.items()):
        body = json.dumps({"message": text}, ensure_ascii=what == IN_ESCAPES)
        answer = everyone[number % len(everyone)].send_body(body.encode())
        summary = f"a text that fills the limit with {what} is refused"
        outcome = answer.exchange.outcome()
        if holds(answer.accepted, summary, expected="200", actual=outcome, on=answer, rule=rule):
            sent[what] = answer
    found = listed(everyone[2], sent.values())
    for what, answer in sent.items():
        message = found.get(answer.id)
        shown: list[tuple[Any, str, Answer]] = [(answer.text, "the answer", answer)]
        shown += [(message.text, "the list", message.page)] if message else []
        for text, where, page in shown:
            whole(fitting[what][0], text, what, where, (answer, page), most)


def whole(sent: str, got: object, what: str, where: str, on: tuple[Answer, ...], most: int) -> None:
    """Nothing is cut off a text that fits (SEND-5), and nothing grows beyond it (SEND-6)."""
    # What lost all of itself was no victim of its length (SEND-2).
    start = got.rstrip(".…\ufffd") if isinstance(got, str) else ""
    cut = 0 < len(start) < len(sent) and got != sent and sent.startswith(start)
    lengths = {"expected": f"{len(sent)} characters", "actual": f"{len(str(got))} characters"}
    holds(not cut, f"a text that fills the limit with {what} is cut in {where}", on=on, **lengths)
    fits(got, most, where, on)


def fits(text: object, most: int, where: str, on: tuple[Answer, ...]) -> None:
    holds(
        not too_long(text, most),
        f"a text longer than the limit is shown in {where}",
        expected=f"at most {most} characters",
        actual=f"{len(str(text))} characters",
        on=on,
        rule="SEND-6",
    )


UNCOUNTED = {
    "with line breaks": "a line\n",
    "of short words": "to be or ",
    "with tags": "<b>bold</b>",
    "with codes of emoji": ":thumbs_up:",
    "that is a link": "https://chats.example.org/x",
}
"""What some count as less than it is, repeated to more than the limit by every count."""


@requirement("SEND-6", "SEND-7")
def test_a_text_beyond_the_limit_is_refused(everyone: People, limits: Limits) -> None:
    """One character too many, or a great many; a member's or the host's; whatever they are."""
    host, alice, bob = everyone
    over = limits.message_length + 1
    long = max(10_000, 2 * over)
    shorter = [
        (bob, filled(pattern, over), f"one character more than the limit, {what}")
        for what, pattern in UNCOUNTED.items()
    ]
    tries = (
        *shorter,
        (alice, LETTER * over, "one ASCII letter more than the limit"),
        (bob, IDEOGRAPH * over, "one letter of the basic plane more than the limit"),
        (host, LETTER * over, "one ASCII letter more than the limit, sent by the host"),
        (host, LETTER * long, "many times the limit"),
        (bob, EMOJI * over, "one character beyond the basic plane more than the limit"),
    )
    before = look(alice)
    answers = [(person.send(text), text, what) for person, text, what in tries]
    after = look(alice)
    require_quiet(before, after)
    for answer, _, what in answers:
        summary, outcome = f"a text of {what} was not refused", answer.exchange.outcome()
        wanted = {"expected": "a 4xx status", "actual": outcome}
        holds(answer.refused, summary, on=answer, rule="SEND-7", **wanted)
        if answer.accepted:
            fits(answer.text, limits.message_length, "the answer", (answer,))
    taken = [answer for answer, _, _ in answers if answer.accepted]
    for message in listed(alice, taken).values():
        fits(message.text, limits.message_length, "the list", (message.page,))
    # White space at its end may be taken off (SEND-14), before it is counted or after.
    padded = bob.send(LETTER * limits.message_length + " " * 5)
    if padded.accepted:
        fits(padded.text, limits.message_length, "the answer", (padded,))
    if after.total - before.total > len(taken):
        stored_all_the_same(host, before, {text for _, text, _ in answers})


def stored_all_the_same(host: Participant, before: View, texts: set[str]) -> None:
    """More came into the list than was accepted: what was refused is there (STATE-1)."""
    kept = [one for one in host.walk() if one.id not in before.messages and one.text in texts]
    for rule in ("SEND-6", "SEND-7", "STATE-1"):
        holds(
            not kept,
            "a text longer than the limit was refused and stored all the same",
            expected="not in the list",
            actual=f"{len(kept)} such texts in the list",
            on=tuple(one.page for one in kept[:1]),
            rule=rule,
        )
    for one in kept:
        host.delete(one.id)


@requirement("SEND-15", "SEND-7", "SEND-2")
def test_the_unit_in_which_characters_are_counted(alice: Participant, limits: Limits) -> None:
    """Texts that are within the limit by one count and beyond it by another: no count cuts them."""
    half = limits.message_length // 2 + 1
    pairs, marks = alice.send(EMOJI * half), alice.send(CLUSTER * half)
    tries = ((pairs, EMOJI * half), (marks, CLUSTER * half))
    for answer, text in tries:
        got = answer.text if answer.accepted else None
        start = got.rstrip(".…\ufffd") if isinstance(got, str) else ""
        cut = 0 < len(start) < len(text) and text.startswith(start) and not kept_whole(answer, text)
        summary = "a text that is too long by one count is accepted, and cut"
        holds(not cut, summary, expected="whole, or refused", actual=got, on=answer, rule="SEND-7")
    whole = {one.id: text for one, text in tries if kept_whole(one, text)}
    for id, message in listed(alice, [one for one, text in tries if kept_whole(one, text)]).items():
        summary = "a text that is too long by one count is accepted, and cut in the list"
        right = equivalent(message.text, whole[id])
        shown = {"expected": "whole", "actual": message.text, "at": message.pointer("message")}
        holds(right, summary, on=message.page, rule="SEND-2", **shown)
    unit = "UTF-16 code units"
    if kept_whole(marks, CLUSTER * half):
        unit = "grapheme clusters"
    elif kept_whole(pairs, EMOJI * half):
        unit = "code points"
    evidence.current().observe(
        "unit of the length limit", unit, pairs.exchange, marks.exchange, rule="SEND-15"
    )


def kept_whole(answer: Sent, text: str) -> bool:
    return answer.accepted and equivalent(answer.text, text)
