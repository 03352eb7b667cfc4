"""HTTP: what every answer keeps, however odd the request.

Most of it is judged on every exchange of a run (see ``conformance.watch``); these scenarios call
for the answers that the others do not get to see.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from conformance.client import JSON, Answer, Participant
from conformance.contract import Contract, Limits
from conformance.expect import holds
from conformance.plugin import requirement
from conformance.run import Run
from conformance.suite.oddities import CHAT_QUERIES, IDS, QUERIES, TELLING, TYPES, bodies, filled
from conformance.suite.strangers import ORDER, scene
from conformance.views import find

JUDGED = ("GET", "POST", "PUT", "PATCH", "DELETE")
GATE = (401, 403)
"""What a gate in front may say of anything that it does not know."""


def withstood(*answers: Answer) -> None:
    """The watch has judged each answer; this says so for the test's own requirement."""
    holds(bool(answers), "nothing was answered", on=answers)


# -- odd requests ----------------------------------------------------------------------------------


@requirement("HTTP-1", "HTTP-2", "HTTP-7")
def test_odd_ids_do_no_harm(host: Participant, alice: Participant, limits: Limits) -> None:
    """The telling ones in each place that takes an id, the others in one place each.

    The host only pins: what others can do would hurt more if an id meant more than itself.
    """
    at = scene(host)
    real = {"chatId": at.marked.id, "reactionId": at.reaction, "pinId": at.pin}
    quoted = {name: re.sub(r"[^\w~.-]", "-", id) for name, id in real.items()}
    operations = [host.contract.operations[name] for name in ORDER]
    taking = [operation for operation in operations if operation.path_parameters]
    places = [(one, number) for one in taking for number in range(len(one.path_parameters))]
    calls = [(odd, place) for odd in IDS["telling"] for place in places]
    for count, odd in enumerate(IDS["other"]):
        calls.append((odd, places[count % len(places)]))
    for odd, (operation, number) in calls:
        person = host if "pin" in operation.id.lower() else alice
        person.call(
            operation.method,
            list(filled(operation, odd, quoted))[number],
            operation=operation.id,
            body=at.body(operation),
            headers=[JSON] if operation.has_body else [],
        )
    withstood(at.plain)


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
def test_odd_bodies_do_no_harm(alice: Participant, limits: Limits) -> None:
    """Of messages and of reactions."""
    chat = alice.send("to react to")
    for body in bodies("message", "odd").values():
        withstood(alice.send_body(body))
    reactions = bodies("reaction", limits.reactions[0])
    for what in TELLING:
        withstood(alice.react_body(chat, reactions[what]))


@requirement("HTTP-1", "HTTP-2", "HTTP-7")
def test_odd_headers_do_no_harm(alice: Participant, limits: Limits) -> None:
    """Odd content types, and a body where none is expected."""
    chat, right = alice.send("to react to"), b'{"message": "right"}'
    for number, kind in enumerate(TYPES):
        declared = ("Content-Type", kind)
        if number % 2:
            withstood(alice.react_body(chat, b'{"reaction": "x"}', declared))
        else:
            withstood(alice.send_body(right, declared))
    withstood(
        alice.send_body(right, ("X-Request-Id", "untyped")),
        alice.send_body(right, JSON, ("Content-Encoding", "gzip")),
        alice.send_body(right, JSON, ("Cookie", "a=\xff; =; ;;")),
        alice.send_body(right, JSON, ("Accept-Language", "\xe9, *;q=x"), ("If-None-Match", "*")),
    )
    list_path = alice.contract.operations["listChats"].path
    own = alice.contract.operations["deleteChat"].url_path(chatId=chat.id)
    withstood(
        alice.call("GET", list_path, body=b"{", headers=[JSON], write=False),
        alice.call("DELETE", own, body=b"{", headers=[JSON]),
    )


@requirement("HTTP-1", "HTTP-3")
def test_every_order_of_an_empty_session_is_answered(run: Run, limits: Limits) -> None:
    """Where nothing is pinned and nobody reacted: another session is as good as empty."""
    people = run.away or run.home
    viewer = people.members[0] if people.members else people.host
    for key in limits.sort_keys:
        withstood(viewer.list(sort=key, ascending=False))
    withstood(viewer.list(sort=limits.pinned_key, skip=1_000_000))


@requirement("HTTP-1", "HTTP-7")
def test_what_is_gone_or_done_already_does_no_harm(
    host: Participant, alice: Participant, limits: Limits
) -> None:
    """Each call again on what is no longer there, or is there already; and what is forbidden."""
    at = scene(host)
    for _ in range(2):
        withstood(host.pin(at.plain), alice.react(at.plain, limits.reactions[0]))
    for _ in range(2):
        withstood(host.unreact(at.marked, at.reaction), host.unpin(at.marked, at.pin))
    for _ in range(2):
        withstood(host.delete(at.marked))
    withstood(
        host.pin(at.marked),
        host.react(at.marked, limits.reactions[0]),
        host.unreact(at.marked, at.reaction),
        host.unpin(at.marked, at.pin),
        host.reactions(at.marked, at.plain),
        host.list(sort=limits.pinned_key),
        alice.pin(at.plain),
        alice.delete(at.plain),
    )


# -- what a success holds --------------------------------------------------------------------------


@requirement("HTTP-3", "HTTP-6", "HTTP-2")
def test_each_operation_answers_as_documented(
    host: Participant, alice: Participant, limits: Limits
) -> None:
    """By member and host, on a message that is pinned and liked and on one that is neither."""
    chat = alice.send("through all operations")
    reacted, other = alice.react(chat, limits.reactions[0]), host.react(chat, limits.reactions[-1])
    host.pin(chat)
    for viewer in (alice, host):
        viewer.list(sort=limits.created_key, ascending=False)
        viewer.list(skip=0, take=limits.page_min)
        viewer.reactions(chat)
    shown = find(host, chat)
    if shown and shown.pin:
        withstood(host.unpin(chat, shown.pin))
    for person, held in ((alice, reacted), (host, other)):
        if held.accepted:
            withstood(person.unreact(chat, held))
    withstood(host.reactions(chat), alice.delete(chat), host.delete(host.send("the host's own")))


# -- methods and paths -----------------------------------------------------------------------------


def methods(contract: Contract) -> dict[str, set[str]]:
    """The methods that the document gives for each path of an operation."""
    paths = {operation.path for operation in contract.operations.values()}
    described = contract.document["paths"]
    return {path: {method.upper() for method in described[path]} for path in sorted(paths)}


@requirement("HTTP-4")
def test_a_method_that_the_path_does_not_have_gets_405(
    host: Participant, alice: Participant, contract: Contract
) -> None:
    at = scene(host)
    known = {"chatId": at.marked.id, "reactionId": at.reaction, "pinId": at.pin}
    reactions = contract.operations["listReactions"].path
    for operation, path, documented in places(contract, known):
        for method in JUDGED:
            # A message could have this path for its own: DELETE /v1/chats/reactions is free.
            if method in documented or (path == reactions and method == "DELETE"):
                continue
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
def test_an_unknown_path_gets_404(alice: Participant, contract: Contract) -> None:
    """Below the paths of the API, which are the document's to give."""
    chat = alice.send("whose path goes no further")
    own = contract.operations["deleteChat"].url_path(chatId=chat.id)
    chats = contract.operations["listChats"].path
    above = chats.rpartition("/")[0]
    for method, path in (
        ("GET", f"{above}/nothing-here"),
        ("POST", f"{above}/nothing-here"),
        ("GET", f"{chats}nothing-here"),
        ("GET", f"{own}/nothing-here"),
        ("POST", f"{own}/nothing-here"),
        ("GET", f"{own}/pins/a/b/c"),
        ("DELETE", f"{own}/reactions/a/nothing-here"),
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
        "/",
        f"{chats}/",
        f"/{chats}",
        f"{chats}/%2E%2E/%2E%2E",
        f"{chats}%00",
        f"{chats}/%zz",
        f"{chats}.json",
        "/%C0%AE%C0%AE/etc",
        f"{chats}/{'%2F' * 200}",
    ):
        withstood(alice.call("GET", path, write=False))
