"""Properties that hold for whatever is sent: bodies of messages and reactions, and their texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import cycle
from random import Random

from conformance.client import Participant, Sent, encode
from conformance.contract import Limits
from conformance.expect import accepted, holds
from conformance.plugin import requirement
from conformance.run import Run
from conformance.suite import expected, odd_texts, odd_values
from conformance.suite.cases import Case, perform, segment, source, without_effect
from conformance.suite.expected import REFUSED, TABLE, Expected, judge
from conformance.suite.texts import BLANKS, came_back, listed
from conformance.values import equivalent

People = tuple[Participant, ...]
Judged = tuple[Case, Expected]


def weigh(everyone: People, judged: list[Judged]) -> None:
    """Send what has to be refused, which leaves nothing behind, and then the rest; judge it all."""
    wrong = [one for one in judged if one[1].outcome == REFUSED]
    tries = [(person, case) for person, (case, _) in zip(cycle(everyone), wrong, strict=False)]
    for answer, (case, said) in zip(without_effect(everyone[1], tries), wrong, strict=True):
        judge(answer, said, case.body)
    rest = [one for one in judged if one[1].outcome != REFUSED]
    for person, (case, said) in zip(cycle(everyone), rest, strict=False):
        judge(perform(person, case), said, case.body)


# -- messages --------------------------------------------------------------------------------------


@requirement("SEND-9", "SEND-8", "SEND-7", "SEND-1", "SEND-13", "STATE-1", "HTTP-1")
def test_generated_messages_get_what_they_are_worth(
    run: Run, everyone: People, limits: Limits
) -> None:
    """Right bodies are accepted, wrong ones refused, and what is refused leaves nothing behind."""
    data = source(run, "messages")
    holds(True, "", rule="HTTP-1")
    for random, seed in data.rounds():
        cases = [*data.some(random, "sendChat", seed, 3), *odd_messages(random, limits)]
        judged = [(one, expected.message(limits, one.body, one.content_type)) for one in cases]
        text = some_text(random, limits)
        for _ in range(3):
            body = odd_values.broken(random, "message", text)
            judged.append((Case("sendChat", body=body), TABLE["sendChat", "broken"]))
        weigh(everyone, judged)


def some_text(random: Random, limits: Limits) -> str:
    return next(text for _, text in odd_texts.texts(random, limits.message_length, 1))


def odd_messages(random: Random, limits: Limits) -> Iterator[Case]:
    """No strings, texts that are too long, odd content types, and right texts in odd company."""
    text = some_text(random, limits)
    for value in odd_values.no_strings(random, text):
        yield Case("sendChat", body=encode({"message": value}))
    for unit in random.sample(("x", "\u6f22", "\U0001f600", "e", "\u00df"), 2):
        over = limits.message_length + random.choice((1, 2, limits.message_length, 10_000))
        yield Case("sendChat", body=encode({"message": unit * over}))
    for kind in random.sample(odd_values.CONTENT_TYPES, 3) + random.sample(odd_values.ODD_TYPES, 2):
        yield Case("sendChat", body=encode({"message": text}), content_type=kind)
    for _ in range(3):
        yield Case("sendChat", body=odd_values.loaded(random, "message", text))


# -- reactions -------------------------------------------------------------------------------------


@requirement("REACT-2", "REACT-9", "REACT-12", "REACT-11", "REACT-1", "STATE-1", "HTTP-1")
def test_generated_reactions_get_what_they_are_worth(
    run: Run, everyone: People, limits: Limits
) -> None:
    """Only the reactions of the document are taken, in whatever JSON; others leave nothing."""
    data, alice = source(run, "reactions"), everyone[1]
    for rule in ("HTTP-1", "REACT-11"):
        holds(True, "", rule=rule)
    for random, seed in data.rounds():
        for person, reaction in zip(everyone, cycle(limits.reactions), strict=False):
            # Each on a message of its own: a second reaction may be refused (REACT-10).
            body = random.choice(list(odd_values.spellings(random, "reaction", reaction)))
            case = reacting(alice.send("for one reaction").id, body)
            judge(perform(person, case), expected.reaction(limits, body), body)
        at = alice.send("for no reaction").id
        bodies = [case.body for case in data.some(random, "addReaction", seed, 3)]
        names = data.deal(random, "names", odd_names(limits), 12)
        bodies += [encode({"reaction": name}) for name in names]
        values = odd_values.no_strings(random, limits.reactions[0])
        bodies += [encode({"reaction": value}) for value in values]
        judged = [(reacting(at, body), expected.reaction(limits, body)) for body in bodies]
        for _ in range(3):
            body = odd_values.broken(random, "reaction", random.choice(limits.reactions))
            judged.append((reacting(at, body), TABLE["addReaction", "broken"]))
        # By now one of these may be the second of its person.
        weigh(everyone, [one for one in judged if one[1].outcome != expected.ACCEPTED])
        # The watch looks at the names that are shown.
        alice.reactions(at)
        alice.list(sort=limits.created_key, ascending=False)


def reacting(at: str, body: bytes | None) -> Case:
    return Case("addReaction", (("chatId", segment(at)),), (), body or b"")


def odd_names(limits: Limits) -> list[str]:
    """Names beside, around, within and beyond the right ones."""
    one, other = limits.reactions[0], limits.reactions[-1]
    return [
        *("", " ", ":", "::", ":heart:", ":thumbs_sideways:", "\U0001f525", "null", "0", "*", "%"),
        *(one + other, one + one, f"{one},{other}", f"{one} {other}", f"{one}\n{other}", f"{one}x"),
        *(one[:-3], one + "x" * 300, f"x{one}", f"{one}:heart:", one.upper(), one.strip(":")),
        *(
            f"{one}\x00:heart:",
            one.replace("u", "\u03bc"),
            one[::-1],
            f"<b>{one}</b>",
            f"{one}' --",
        ),
        *(
            "__proto__",
            "toString",
            "constructor",
            "\ud800",
            "\u0338",
            "x" * 5000,
            "true",
            ":" * 300,
        ),
    ]


# -- texts -----------------------------------------------------------------------------------------

TEXTS_A_ROUND = 18
LOOKALIKES_A_ROUND = 8
MOST_TRIES = 24


@requirement("SEND-2", "SEND-18", "SEND-14", "SEND-1", "SEND-4")
def test_generated_texts_come_back_as_they_were_sent(
    run: Run, everyone: People, limits: Limits
) -> None:
    """Whatever it is made of, and however its JSON is written, in the answer and in the list."""
    data = source(run, "texts")
    for rule in ("SEND-18", "SEND-4"):
        holds(True, "", rule=rule)
    for random, _ in data.rounds():
        texts = list(odd_texts.texts(random, limits.message_length, TEXTS_A_ROUND))
        alike = data.deal(random, "lookalikes", odd_texts.LOOKALIKES, LOOKALIKES_A_ROUND)
        texts += [("what looks like something else", one) for one in fitting(alike, limits)]
        # No more at a time than the newest page holds: totals and pages are not the point here.
        for start in range(0, len(texts), limits.page_size):
            sent: dict[str, tuple[str, str, Sent]] = {}
            some = texts[start : start + limits.page_size]
            for person, (what, text) in zip(cycle(everyone), some, strict=False):
                body = random.choice(list(odd_values.spellings(random, "message", text)))
                answer = person.send_body(body)
                if accepted(answer, 200, rule="SEND-1"):
                    sent[answer.id] = what, text, answer
            round_trips(everyone, sent)


def fitting(texts: list[str], limits: Limits) -> list[str]:
    return [one for one in texts if len(one) <= limits.message_length]


def round_trips(everyone: People, sent: dict[str, tuple[str, str, Sent]]) -> None:
    """Each in its answer and, where that has it right, in the list, as somebody else sees it."""
    alice, bob = everyone[1:3]
    found = listed(bob, [answer for _, _, answer in sent.values()])
    for id, (what, text, answer) in sent.items():
        right = intact(text, answer.text)
        if not right:
            text, answer = shortened(alice, text, answer)
            what = odd_texts.MIXED if what == odd_texts.AT_ENDS and text == text.strip() else what
        came_back(text, answer.text, what, "the answer", on=(answer,), at="/message")
        message = found.get(id)
        if right and message:
            on, at = (answer, message.page), message.pointer("message")
            came_back(text, message.text, what, "the list", on=on, at=at)


def intact(text: str, got: object) -> bool:
    """SEND-2 up to white space at the ends (SEND-14), and no further."""
    return isinstance(got, str) and equivalent(got.strip(BLANKS), text.strip(BLANKS))


def shortened(person: Participant, text: str, answer: Sent) -> tuple[str, Sent]:
    """Less of a text that does not come back, and the answer to that; else what there was."""

    def altered(less: str) -> bool:
        again = person.send(less)
        return again.accepted and not intact(less, again.text)

    less = smallest(text, altered)
    again = person.send(less)
    # How the JSON was written may be what matters: then the same text comes back another time.
    shown = again.accepted and not intact(less, again.text)
    return (less, again) if shown else (text, answer)


def smallest(text: str, fails: Callable[[str], bool]) -> str:
    """A shorter text that fails too, found by leaving out a half, a quarter, and so on."""
    tries, size = MOST_TRIES, len(text) // 2
    while size and tries:
        for start in range(0, len(text), size):
            less = text[:start] + text[start + size :]
            tries -= 1
            if less.strip(BLANKS) and expected.plain(less) and fails(less):
                text = less
                break
            if not tries:
                break
        else:
            size //= 2
    return text


@requirement("SEND-2", "HTTP-1")
def test_texts_that_not_all_can_store_are_refused_or_kept(
    run: Run, everyone: People, limits: Limits
) -> None:
    """Half surrogate pairs and U+0000 are kept; around noncharacters, all else is."""
    data = source(run, "unpaired")
    holds(True, "", rule="HTTP-1")
    for random, _ in data.rounds(most=8):
        sent, sent_odd = dict[str, Sent](), dict[str, str]()
        for person, odd in zip(cycle(everyone), random.sample(odd_texts.UNPAIRED, 4), strict=False):
            answer = person.send(f"ab{odd}cd")
            if answer.accepted:
                sent[answer.id] = answer
                kept(answer, odd, "the answer", answer.text)
                sent_odd[answer.id] = odd
        for id, message in listed(everyone[2], sent.values()).items():
            kept(sent[id], sent_odd[id], "the list", message.text)


def kept(answer: Sent, odd: str, where: str, text: object) -> None:
    whole = text == f"ab{odd}cd"
    around = isinstance(text, str) and text.startswith("ab") and text.endswith("cd")
    holds(
        whole or (around and odd not in odd_texts.KEPT_OR_REFUSED),
        f"a text with a character that not all can store comes back altered in {where}",
        expected="refused, or kept",
        actual=ascii(text),
        on=answer,
    )
