"""AUTH: who may call at all."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from urllib.parse import quote, urlencode

from conformance.client import Answer, Participant
from conformance.contract import Operation
from conformance.expect import holds
from conformance.plugin import requirement
from conformance.secret import Secret
from conformance.suite.stage import Stage
from conformance.suite.strangers import (
    Credentials,
    Scene,
    Try,
    attempt,
    operations,
    scene_of,
    turned_away,
)

NOBODY = (401, 403)
MALFORMED = (400, 401, 403, 431)
ANY = tuple(range(400, 500))


@requirement("AUTH-1", "AUTH-4", "AUTH-5")
def test_a_request_without_credentials_is_refused(stage: Stage, host: Participant) -> None:
    """Each operation, in a state in which the host's own request would succeed.

    The host has just asked for both lists, so that a cache in front may have them.
    """
    every, nothing = operations(host), Credentials("without credentials")
    for operation in every[:2]:
        path = scene_of(stage).path(operation)
        host.call(operation.method, path, operation=operation.id, write=False)
    tries = [(operation, nothing) for operation in every]
    tries.append((every[0], Credentials("without credentials", header="")))
    answers: Answers = []
    turned_away(stage, tries, judged("AUTH-1", NOBODY, answers))
    challenged(answers)


@requirement("AUTH-2", "AUTH-4", "AUTH-5")
def test_an_unknown_token_is_refused(stage: Stage, host: Participant) -> None:
    unknown = Secret("UNKNOWN_TOKEN", "cH4q1vXo0r-unknown-t7w5Jm2KzYd9")
    shows = Credentials("with an unknown token", secret=unknown)
    tries = [(operation, shows) for operation in operations(host)]
    answers: Answers = []
    turned_away(stage, tries, judged("AUTH-2", NOBODY, answers))
    challenged(answers)


@requirement("AUTH-2", "AUTH-4", "AUTH-5")
def test_a_token_that_is_empty_malformed_or_near_a_valid_one_is_refused(
    stage: Stage, host: Participant
) -> None:
    """An empty one to read and to write; the others with one or two operations in turn.

    A valid token that is cut short, has something added, or is written otherwise is unknown.
    """
    every = operations(host)
    empty = Credentials("with an empty token", header="Bearer")
    tries: list[Try] = [(operation, empty) for operation in every[::2]]
    for number, near in enumerate(resembling(host)):
        tries += [(every[0], near), (every[(2 + number) % len(every)], near)]
    for number, header in enumerate(HEADERS):
        shows = Credentials("with a malformed Authorization header", header=header)
        tries.append((every[number % len(every)], shows))
    answers: Answers = []
    turned_away(stage, tries, judged("AUTH-2", MALFORMED, answers, together=True))
    # Where 400 says that it is malformed, there is no challenge.
    for answer, shows, _ in answers if all(right for *_, right in answers) else ():
        if answer.status == 401:
            advised_to_log_in(answer, shows)


@requirement("AUTH-3", "AUTH-4", "AUTH-5")
def test_a_valid_token_under_another_scheme_is_refused(stage: Stage, host: Participant) -> None:
    """The token as a Basic password or user, and bare under schemes of other names."""
    every, token = operations(host), host.secret
    password = Credentials("with the token as Basic password", "Basic", encoded(token, ":%s"))
    user = Credentials("with the token as Basic user", "Basic", encoded(token, "%s:"))
    tries = [(operation, password) for operation in every[::2]]
    tries += [(every[0], user), (every[3], user)]
    for number, scheme in enumerate(("Basic", "Token", "Digest")):
        shows = Credentials(f"with the token under the scheme {scheme}", scheme, token)
        tries.append((every[number % 2 * 5], shows))
    answers: Answers = []
    turned_away(stage, tries, judged("AUTH-3", ANY, answers))
    # AUTH-4 is about well-formed credentials, which a bare token is not under Basic, and about
    # targets that meet AUTH-1.
    gate = host.call("GET", every[0].path, operation=every[0].id, anonymous=True, write=False)
    if gate.status in NOBODY:
        challenged([one for one in answers if one[1] is password])


QUERY_NAMES = (
    *("token", "auth", "auth_token", "api_key", "apiKey", "apikey", "accessToken", "key"),
    *("authorization", "Authorization", "bearer", "jwt"),
)
"""Under which names a token may stand in a query, besides the one of RFC 6750."""


@requirement("AUTH-7")
def test_a_token_in_the_query_or_without_a_scheme_is_not_accepted(
    stage: Stage, host: Participant
) -> None:
    """Neither to read nor to write."""
    token, every = host.secret.reveal(), operations(host)
    usual = dict.fromkeys(QUERY_NAMES, token)
    standard = Credentials(
        "with the token in the query", query=f"access_token={quote(token, safe='')}"
    )
    other = Credentials("with the token in the query", query=urlencode(usual))
    bare = Credentials("with a bare token in the header", scheme="", secret=host.secret)
    tries = [(operation, standard) for operation in (*every[:3], every[-1])]
    tries += [(operation, other) for operation in (every[0], every[2])]
    tries += [(operation, bare) for operation in every[::2]]
    turned_away(stage, tries, not_accepted)


def not_accepted(answer: Answer, operation: Operation, shows: Credentials) -> None:
    holds(
        not answer.accepted,
        f"{operation.id} {shows.how} was accepted",
        expected="a 4xx status",
        actual=answer.exchange.outcome(),
        on=answer,
    )


@requirement("AUTH-6")
def test_the_schemes_name_is_read_in_any_letter_case(host: Participant) -> None:
    """Where a call is turned away, only one that "Bearer" opens the door to tells of the case."""
    chat = host.send("read, liked and deleted under other schemes")
    at = Scene(chat, chat, "none", "none", host.contract.limits.reactions)
    known = {operation.id: operation for operation in operations(host)}
    usual = Credentials("under the scheme Bearer", secret=host.secret)
    for scheme, name in (
        ("BEARER", "listChats"),
        ("BEARER", "sendChat"),
        ("bearer", "listChats"),
        ("bearer", "listReactions"),
        ("bearer", "sendChat"),
        ("bearer", "addReaction"),
        ("bearer", "deleteChat"),
    ):
        shows = Credentials(f"under the scheme {scheme}", scheme, host.secret)
        answer = attempt(host, at, known[name], shows)
        wrong = not answer.accepted and attempt(host, at, known[name], usual).accepted
        holds(
            not wrong,
            f"a valid token under the scheme {scheme} is not accepted",
            expected="as under the scheme Bearer",
            actual=answer.exchange.outcome(),
            on=answer,
        )


# -- what is shown and what it has to get ----------------------------------------------------------

JWT_UNSIGNED = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzdWIiOiIxIiwicm9sZSI6Imhvc3QifQ."

HEADERS = (
    f"Bearer {JWT_UNSIGNED}",
    "Bearer %",
    "Bearer null",
    # What every plain object of JavaScript has, and a look-up by key finds.
    "Bearer constructor",
    "Bearer __proto__",
    "Bearer ' OR '1'='1",
    'Bearer "quoted"',
    "Bearer one two",
    "Bearer ,",
    # A letter beyond ASCII, as Latin-1 and as UTF-8.
    "Bearer caf\xe9",
    "Bearer caf\xc3\xa9",
    "Bearer " + "x" * 6000,
    "Bearer=unknown",
    "unknown",
    "Basic",
)
"""Authorization headers that hold no token, or one that nobody was ever given."""


def resembling(host: Participant) -> list[Credentials]:
    """What a valid token becomes when it is cut, lengthened, or written in another way.

    Four letters are added, so that no decoder of base64 can take them for padding. Hexadecimal
    tokens, such as UUIDs, are the same number in either case.
    """
    name, token = host.secret.name, host.secret.reveal()
    changed = [
        ("a cut token", f"{{{name}%?}}", token[:-1]),
        ("a token with something added", f"{{{name}}}wxyz", f"{token}wxyz"),
        ("a token with something in front", f"{{{name}/#/wxyz}}", f"wxyz{token}"),
        ("a token and another word", f"{{{name}}} wxyz", f"{token} wxyz"),
        ("a token and more after a comma", f"{{{name}}},wxyz", f"{token},wxyz"),
        changed_within(name, token),
    ]
    if token.swapcase() != token and not re.fullmatch(r"[0-9A-Fa-f{}-]+", token):
        changed.append(("a token in another letter case", f"{{{name}~~}}", token.swapcase()))
    glued = Secret(f"{{{name}/#/Bearer}}", f"Bearer{token}")
    return [
        *(Credentials(f"with {how}", secret=Secret(shown, value)) for how, shown, value in changed),
        Credentials("with no blank before the token", scheme="", secret=glued),
    ]


def changed_within(name: str, token: str) -> tuple[str, str, str]:
    """A token with another letter near its end; at the very end it need not say anything.

    It stays hexadecimal if it was; else the letter is one that no other person's is likely to have.
    """
    at = max(len(token.rstrip("=")) - 2, 0)
    letters = "be" if re.fullmatch(r"[0-9A-Fa-f-]+", token) else "jq"
    other = letters[token[at].lower() == letters[0]]
    shown = f"{{{name}:0:{at}}}{other}${{{name}:{at + 1}}}"
    return "a token with another letter", shown, f"{token[:at]}{other}{token[at + 1 :]}"


def encoded(token: Secret, form: str) -> Secret:
    """Basic credentials of ``form``, in which ``%s`` stands for the token."""
    value = base64.b64encode((form % token.reveal()).encode()).decode()
    return Secret(f"(printf {form % repr(token)} | base64 -w0)", value)


Answers = list[tuple[Answer, Credentials, bool]]
"""Answers, what they were given for, and whether their status was right."""


def judged(
    rule: str, codes: tuple[int, ...], answers: Answers, *, together: bool = False
) -> Callable[[Answer, Operation, Credentials], None]:
    """A judge of calls that have to be turned away with one of ``codes``; keeps ``answers``.

    ``together`` tells of all operations as one: each credential is tried on few of them.
    """

    def judge(answer: Answer, operation: Operation, shows: Credentials) -> None:
        what = f"{'a call' if together else operation.id} {shows.how}"
        summary = f"{what} was not refused"
        if answer.refused:
            summary = f"{what} was refused with another status"
        wanted = "a 4xx status" if codes is ANY else " or ".join(map(str, codes))
        right, outcome = answer.status in codes, f"{operation.id}: {answer.exchange.outcome()}"
        holds(right, summary, expected=wanted, actual=outcome, on=answer, rule=rule)
        answers.append((answer, shows, right))

    return judge


def challenged(answers: Answers) -> None:
    """AUTH-4 is about targets that turn every such call away."""
    if all(right for _, _, right in answers):
        for answer, shows, _ in answers:
            advised_to_log_in(answer, shows)


def advised_to_log_in(answer: Answer, shows: Credentials) -> None:
    """AUTH-4: the refusal is 401, and names the Bearer scheme (RFC 9110, section 11.6.1)."""
    summary = f"a call {shows.how} got another status than 401"
    outcome = answer.exchange.outcome()
    if not holds(
        answer.status == 401, summary, expected="401", actual=outcome, on=answer, rule="AUTH-4"
    ):
        return
    response = answer.exchange.response
    challenge = (response.header("www-authenticate") if response else None) or ""
    schemes = re.sub(r'"(?:\\.|[^"\\])*"', '""', challenge)
    holds(
        bool(re.search(r"(?i)(?:^|[\s,])bearer(?=$|[\s,])", schemes)),
        "a 401 has no WWW-Authenticate challenge for Bearer",
        expected="WWW-Authenticate: Bearer ...",
        actual=challenge or "no such header",
        on=answer,
        rule="AUTH-4",
    )
