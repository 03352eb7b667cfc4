"""CONC-5: what a reader is shown while others write is a state that the session was in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from conformance.client import Answer, Listed, Participant, ReactionsListed, Shown
from conformance.evidence import Unjudged
from conformance.plugin import requirement
from conformance.run import Run
from conformance.suite.races import Play, Problem, Start, plan, race, text
from conformance.suite.steps import unmet

READS = 6
"""How often a reader looks while the others write."""
TURNS = 8
"""How often a writer does and undoes what the readers look at."""
BETWEEN = 6
"""Messages between the two that change: a list that is read piece by piece takes longer then."""


@requirement("CONC-5")
def test_a_list_counts_what_it_shows_while_others_send(
    run: Run, host: Participant, alice: Participant, bob: Participant
) -> None:
    """``totalCount`` and ``messages`` of one answer are of the same moment."""
    _require_one_copy(run)
    race(run, _counting(run, readers=(bob, host), senders=(alice, host, bob)), plan(run, 10, 40))


def _counting(run: Run, readers: Sequence[Participant], senders: Sequence[Participant]) -> Play:
    def play(start: Start) -> list[Problem]:
        texts = [text("Sent while others count") for _ in range(3 * len(senders))]
        before = _newest(readers[0]).total
        writes = [
            partial(_each, [partial(sender.send, words) for words in texts[place::3]])
            for place, sender in enumerate(senders)
        ]
        looks = [partial(_each, [partial(_newest, one)] * READS) for one in readers]
        calls: list[Callable[[], list[Answer]]] = [*writes, *looks]
        answers = start(calls)
        kept = sum(answer.accepted for write in answers[: len(writes)] for answer in write)
        if _newest(readers[0]).total != before + kept:
            return []  # Somebody else wrote, or a message is lost, which CONC-1 is about.
        pages = [page for read in answers[len(writes) :] for page in read]
        return [problem for page in pages for problem in _miscounted(page, before, set(texts))]

    return play


def _miscounted(page: Answer, before: int, texts: set[str]) -> list[Problem]:
    if not isinstance(page, Listed) or not page.accepted:
        return []
    new = sum(message.text in texts for message in page.messages)
    if page.total >= before + new:
        return []
    summary = "a list shows a message that its totalCount does not count"
    expected = f"totalCount of {before + new} or more"
    return [Problem("CONC-5", summary, expected, f"totalCount {page.total}", (page,))]


@requirement("CONC-5")
def test_readers_see_no_effect_without_its_cause(
    run: Run, host: Participant, alice: Participant, bob: Participant
) -> None:
    """Who reacts to one message and then to another is never seen to have done the second alone."""
    _require_one_copy(run)
    race(run, _in_order(run, alice, readers=(bob, host)), plan(run, 14, 80))


def _in_order(run: Run, writer: Participant, readers: Sequence[Participant]) -> Play:
    name = run.contract.limits.reactions[0]
    row: list[str] = []

    def write(first: str, second: str) -> list[Answer]:
        """The first message has the reaction whenever the second one has."""
        answers: list[Answer] = []
        for _ in range(TURNS):
            held = [writer.react(chat, name) for chat in (first, second)]
            answers += held
            if all(one.accepted for one in held):
                answers += [writer.unreact(second, held[1].id), writer.unreact(first, held[0].id)]
        return answers

    def play(start: Start) -> list[Problem]:
        if not row:
            row[:] = [writer.send(text("One after the other")).id for _ in range(BETWEEN + 2)]
            _require_both_listed(writer, readers[0], row, name)
        first, second = row[0], row[-1]
        calls: list[Callable[[], list[Answer]]] = [partial(write, first, second)]
        for reader, asked in zip(readers, (row, row[::-1]), strict=True):
            calls.append(partial(_each, [partial(reader.reactions, *asked)] * READS))
        calls.append(partial(_each, [partial(_newest, readers[0])] * READS))
        answers = start(calls)
        if not all(one.accepted for one in answers[0]):
            row.clear()  # The next round begins with messages that nobody has reacted to.
            return []
        reads = [answer for read in answers[1:] for answer in read]
        return [problem for one in reads for problem in _uncaused(one, first, second)]

    return play


def _require_both_listed(
    writer: Participant, reader: Participant, row: Sequence[str], name: str
) -> None:
    """In calm, what is asked for among others is listed (RLIST-2), or nothing follows."""
    ends = (row[0], row[-1])
    held = [writer.react(chat, name).id for chat in ends]
    answer, alone = reader.reactions(*row), [reader.reactions(chat) for chat in ends]
    kept = {chat for chat, one in zip(ends, alone, strict=True) if chat in _reacted(one)}
    if answer.accepted and not kept <= _reacted(answer):
        summary = "a reaction is not listed where its message is asked for among others"
        shown = f"those of {len(_reacted(answer))} messages"
        raise unmet("RLIST-2", summary, f"those of {len(kept)}", shown, (answer.exchange,))
    for chat, id in zip(ends, held, strict=True):
        writer.unreact(chat, id)


def _newest(reader: Participant) -> Listed:
    limits = reader.contract.limits
    return reader.list(take=limits.page_size, sort=limits.created_key, ascending=False)


def _uncaused(answer: Answer, first: str, second: str) -> list[Problem]:
    held = _reacted(answer)
    if second not in held or first in held or not {first, second} <= _known(answer, first, second):
        return []
    summary = "one answer shows a later reaction and lacks the earlier one of the same person"
    return [Problem("CONC-5", summary, "the earlier one too", "the later one alone", (answer,))]


def _reacted(answer: Answer) -> set[str]:
    """The messages that an answer shows with a reaction."""
    if not answer.accepted:
        return set()
    if isinstance(answer, ReactionsListed):
        return {entry["chatId"] for entry in answer}
    if isinstance(answer, Listed):
        return {message.id for message in answer.messages if _liked(message)}
    return set()


def _liked(message: Shown) -> bool:
    return any(entry.get("users") for entry in message.reactions)


def _known(answer: Answer, *asked: str) -> set[str]:
    """The messages that an answer speaks of, with or without a reaction."""
    if isinstance(answer, Listed):
        return {message.id for message in answer.messages}
    return set(asked)


def _require_one_copy(run: Run) -> None:
    if run.transport.wait:
        raise Unjudged("the target shows writes late (STATE-4): a read may be of any moment")


def _each(calls: Sequence[Callable[[], Answer]]) -> list[Answer]:
    """Calls of one person, one after the other."""
    return [call() for call in calls]
