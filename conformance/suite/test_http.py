"""HTTP: what every answer keeps, however odd the request.

Most of it is judged on every exchange of a run (see ``conformance.watch``); these scenarios call
for the answers that the others do not get to see.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from urllib.parse import quote

from conformance.client import JSON, Answer, Participant
from conformance.contract import Contract, Limits
from conformance.expect import holds
from conformance.plugin import requirement
from conformance.run import Run
from conformance.suite.oddities import CHAT_QUERIES, IDS, QUERIES, TELLING, TYPES, bodies, filled
from conformance.suite.stage import Stage
from conformance.suite.strangers import scene_of
from conformance.views import find

JUDGED = ("GET", "POST", "PUT", "PATCH", "DELETE")
GATE = (401, 403)
"""What a gate in front may say of anything that it does not know."""


def withstood(*answers: Answer) -> None:
    """The watch has judged each answer; this says so for the test's own requirement."""
    holds(bool(answers), "nothing was answered", on=answers)


# -- odd requests ----------------------------------------------------------------------------------


@requirement("HTTP-1", "HTTP-2", "HTTP-7")
def test_odd_ids_do_no_harm(backdrop: Stage, host: Participant, alice: Participant) -> None:
    """The telling ones in place of each kind of id, the others in one place each.

    The host only pins: what others can do would hurt more if an id meant more than itself.
    """
    at = scene_of(backdrop)
    real = {"chatId": at.marked.id, "reactionId": at.reaction, "pinId": at.pin}
    quoted = {name: quote(id, safe="") for name, id in real.items()}
    for odd, (name, place) in odd_calls():
        operation, person = host.contract.operations[name], host if "Chat" in name else alice
        person.call(
            operation.method,
            list(filled(operation, odd, quoted))[place],
            operation=operation.id,
            body=at.body(operation),
            headers=[JSON] if operation.has_body else [],
        )
    withstood(at.plain)


Place = tuple[str, int]
"""An operation, and which of its ids is meant."""


def odd_calls() -> Iterator[tuple[str, Place]]:
    kinds: tuple[Place, ...] = (("pinChat", 0), ("removeReaction", 1), ("unpinChat", 1))
    for odd in IDS["telling"]:
        yield from ((odd, place) for place in kinds)
    others = (("addReaction", 0), *kinds, ("removeReaction", 0), ("unpinChat", 0))
    for count, odd in enumerate(IDS["other"]):
        yield odd, others[count % len(others)]


@requirement("HTTP-1", "HTTP-2", "HTTP-7")
def test_odd_queries_do_no_harm(alice: Participant, contract: Contract) -> None:
    """Of both lists; the parameters of the message list one by one."""
    for name, queries in (("listChats", QUERIES), ("listReactions", CHAT_QUERIES)):
        operation = contract.operations[name]
        for query in queries:
            path = f"{operation.path}?{query}" if query else operation.path
            answer = alice.call("GET", path, operation=name, write=False)
            withstood(answer)


@requirement("HTTP-1", "HTTP-2", "HTTP-7")
def test_odd_bodies_do_no_harm(backdrop: Stage, alice: Participant, limits: Limits) -> None:
    """Of messages and of reactions."""
    for body in bodies("message", "odd").values():
        withstood(alice.send_body(body))
    reactions = bodies("reaction", limits.reactions[0])
    for what in TELLING:
        withstood(alice.react_body(backdrop.bare, reactions[what]))


@requirement("HTTP-1", "HTTP-2", "HTTP-7")
def test_odd_headers_do_no_harm(backdrop: Stage, alice: Participant) -> None:
    """Odd content types, odd values of other headers, and a body where none is expected."""
    chat, right = alice.send("to be deleted with a body"), b'{"message": "right"}'
    for number, kind in enumerate(TYPES):
        declared = ("Content-Type", kind)
        if number % 3:
            withstood(alice.react_body(backdrop.bare, b'{"reaction": "x"}', declared))
        else:
            withstood(alice.send_body(right, declared))
    withstood(
        alice.send_body(right, ("X-Request-Id", "untyped")),
        alice.send_body(right, JSON, ("Content-Encoding", "gzip")),
    )
    odd = [("Cookie", "a=\xff; =; ;;"), ("Accept-Language", "\xe9, *;q=x"), ("If-None-Match", "*")]
    list_path = alice.contract.operations["listChats"].path
    own = alice.contract.operations["deleteChat"].url_path(chatId=chat.id)
    withstood(
        alice.call("GET", list_path, headers=odd, write=False),
        alice.call("GET", list_path, body=b"{", headers=[JSON], write=False),
        alice.call("DELETE", own, body=b"{", headers=[JSON]),
    )


@requirement("HTTP-1", "HTTP-3")
def test_every_order_of_an_empty_session_is_answered(run: Run, limits: Limits) -> None:
    """Where nothing is pinned and nobody reacted: another session is as good as empty."""
    people = run.away or run.home
    viewer = people.members[0] if people.members else people.host
    for key in limits.sort_keys:
        if key != limits.created_key:
            withstood(viewer.list(sort=key, ascending=False))
    withstood(viewer.list(sort=limits.pinned_key, skip=1_000_000))


# -- what a success holds, and what comes after it -------------------------------------------------


@requirement("HTTP-3", "HTTP-6", "HTTP-2", "HTTP-1", "HTTP-7")
def test_each_operation_answers_as_documented(
    host: Participant, alice: Participant, limits: Limits
) -> None:
    """On a message that is pinned and liked, until it is gone; and on what is gone."""
    chat = alice.send("through all operations")
    reacted = alice.react(chat, limits.reactions[0])
    withstood(host.pin(chat))
    shown = find(host, chat)
    pin = (shown and shown.pin) or "none"
    reaction = reacted.id if reacted.accepted else "none"
    withstood(alice.reactions(chat), host.unpin(chat, pin), alice.unreact(chat, reaction))
    withstood(host.reactions(chat), alice.delete(chat), host.delete(host.send("the host's own")))
    withstood(host.unpin(chat, pin), alice.unreact(chat, reaction), host.react(chat, ":none:"))


# -- methods and paths -----------------------------------------------------------------------------


def methods(contract: Contract) -> dict[str, set[str]]:
    """The methods that the document gives for each path of an operation."""
    paths = {operation.path for operation in contract.operations.values()}
    described = contract.document["paths"]
    return {path: {method.upper() for method in described[path]} for path in sorted(paths)}


@requirement("HTTP-4")
def test_a_method_that_the_path_does_not_have_gets_405(
    backdrop: Stage, alice: Participant, contract: Contract
) -> None:
    """A few methods of each path, so that every method has its turn on several."""
    at = scene_of(backdrop)
    known = {"chatId": at.marked.id, "reactionId": at.reaction, "pinId": at.pin}
    turn = itertools.cycle(JUDGED)
    for operation, path, documented in places(contract, known):
        wrong = set(JUDGED) - documented
        # A message could have this path for its own: DELETE /v1/chats/reactions is free.
        wrong -= {"DELETE"} if path == contract.operations["listReactions"].path else set()
        turns = list(itertools.islice((method for method in turn if method in wrong), 2))
        # What is added by POST may be thought to be put, or to be cleared, at the same place.
        likely = [method for method in ("PUT", "DELETE") if documented == {"POST"}]
        for method in dict.fromkeys((*turns, *likely)):
            answer = alice.call(method, path, body=b"" if method != "GET" else None)
            not_allowed(answer, operation, method, documented & set(JUDGED))


def places(contract: Contract, known: dict[str, str]) -> Iterator[tuple[str, str, set[str]]]:
    """Each path, as the document writes it and with ids filled in, and its methods."""
    described = methods(contract)
    for path, documented in described.items():
        operation = next(one for one in contract.operations.values() if one.path == path)
        ids = {name: known[name] for name in operation.path_parameters}
        yield path, operation.url_path(**ids), documented


def not_allowed(answer: Answer, path: str, method: str, documented: set[str]) -> None:
    summary = f"{method} {path}, which is not documented, did not get 405"
    outcome = answer.exchange.outcome()
    right = answer.status in (405, *GATE)
    if not holds(right, summary, expected="405", actual=outcome, on=answer):
        return
    if answer.status == 405:
        response = answer.exchange.response
        allow = (response.header("allow") if response else None) or ""
        named = {word.strip().upper() for word in allow.split(",")}
        holds(
            documented <= named,
            "a 405 has no Allow header that names the methods of the path",
            expected=", ".join(sorted(documented)),
            actual=allow or "no such header",
            on=answer,
        )


@requirement("HTTP-5")
def test_an_unknown_path_gets_404(backdrop: Stage, alice: Participant, contract: Contract) -> None:
    """Below the paths of the API, which are the document's to give."""
    own = contract.operations["deleteChat"].url_path(chatId=backdrop.of(alice).id)
    chats = contract.operations["listChats"].path
    above = chats.rpartition("/")[0]
    for method, path in (
        ("GET", f"{above}/nothing-here"),
        ("POST", f"{above}/nothing-here"),
        ("GET", f"{chats}nothing-here"),
        ("GET", f"{own}/nothing-here"),
        ("GET", f"{own}/pins/a/b/c"),
        ("DELETE", f"{own}/reactions/a/nothing-here"),
        ("DELETE", f"{own}/nothing-here"),
        ("POST", f"{own}/nothing-here"),
        ("GET", f"{above}/nothing{'/here' * 20}"),
    ):
        answer = alice.call(method, path, body=b"" if method == "POST" else None)
        holds(
            answer.status in (404, *GATE),
            "an unknown path did not get 404",
            expected="404",
            actual=f"{method}: {answer.exchange.outcome()}",
            on=answer,
        )


@requirement("HTTP-1")
def test_odd_paths_and_methods_do_no_harm(alice: Participant, contract: Contract) -> None:
    """Methods that nobody documents, slashes and dots where none belong, and no path at all."""
    chats = contract.operations["listChats"].path
    for method in ("HEAD", "OPTIONS", "QUERY", "NOSUCH"):
        withstood(alice.call(method, chats, write=False))
    # The address of the reactions list is a message's address too.
    reactions = contract.operations["listReactions"].path
    withstood(alice.call("DELETE", reactions))
    for path in (
        f"{chats}/",
        f"/{chats}",
        f"{chats}/%2E%2E/%2E%2E",
        f"{chats}%00",
        f"{chats}/%zz",
        "/%C0%AE%C0%AE/etc",
        f"{chats}/{'%2F' * 200}",
    ):
        withstood(alice.call("GET", path, write=False))
