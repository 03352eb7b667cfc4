"""Texts that are odd in one way or in several. All of them come of a seeded generator."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from random import Random

from conformance.suite.texts import fitted

PIECES: dict[str, tuple[str, ...]] = {
    "letters and digits": ("abc", "Zx9", "0", "00", "e", "I", "end"),
    "punctuation": tuple("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"),
    "combining marks": (
        "e\u0301",
        "a\u0323\u0307",
        "a\u0307\u0323",
        "\u0344",
        "q\u0300\u0316",
        "o\u20dd",
        "n\u035c\u0361",
    ),
    "canonical pairs": (
        "\u212b",
        "\u00c5",
        "A\u030a",
        "\u2126",
        "\u1e9b\u0323",
        "\uac00",
        "\u1100\u1161",
        "\u0958",
        "\ufb1d",
        "\u0340",
        "\U0001d15e",
        "\U0002f800",
        "\u2adc",
    ),
    "compatibility characters": (
        "\ufb03",
        "\u2460",
        "\uff21",
        "\u00bd",
        "\u33a5",
        "\u3392",
        "\ufdfa",
        "\U0001d4d0",
        "\u1d2c",
        "\u017f",
        "\u00aa",
        "\u2474",
    ),
    "letters whose case is odd": (
        "\u00df",
        "\u1e9e",
        "\u0130",
        "\u0131",
        "\u03a3\u03c2",
        "\u01c5",
        "\u0149",
        "\u1f80",
        "\u212a",
        "\ufb00",
        "\u10d0\u1c90",
        "\U00010400",
        "\u13a0\uab70",
    ),
    "characters beyond the basic plane": (
        "\U0001f600",
        "\U00020bb7",
        "\U00010348",
        "\U0001d54f",
        "\U000e0100",
        "\U000f0000",
        "\U0010fffd",
        "\U00013000",
        "\U0001f9d1",
    ),
    "joined emoji": (
        "\U0001f468\u200d\U0001f469\u200d\U0001f467",
        "\U0001f44d\U0001f3fd",
        "\U0001f3f4\U000e0067\U000e0062\U000e007f",
        "\U0001f1e9\U0001f1ea",
        "1\ufe0f\u20e3",
        "\u2764\ufe0f\u200d\U0001f525",
        "\u263a\ufe0e",
    ),
    "right-to-left text": (
        "\u05e9\u05b8\u05dc\u05d5\u05dd",
        "\u0645\u0631\u062d\u0628\u0627",
        "\u202ex\u202c",
        "\u2067y\u2069",
        "a\u200fb",
        "\u061c1",
        "\U0001e900",
        "\u0660\u0661",
    ),
    "zero-width characters": (
        "a\u200bb",
        "a\u200cb",
        "a\u200db",
        "a\u2060b",
        "a\ufeffb",
        "a\u00adb",
        "a\u034fb",
        "a\u180eb",
        "a\u115fb",
        "a\u3164b",
        "a\u2063b",
    ),
    "control characters": tuple(
        f"a{chr(code)}b"
        for code in (*range(1, 9), *range(14, 32), *range(0x7F, 0x85), *range(0x86, 0xA0))
    ),
    "blanks": (
        "a b",
        "a  b",
        "a\tb",
        "a\u00a0b",
        "a\u3000b",
        "a\u2003b",
        "a\u202fb",
        "a\u1680b",
        "a\u205fb",
    ),
    "line breaks": (
        "a\nb",
        "a\r\nb",
        "a\rb",
        "a\n\n\nb",
        "a\u2028b",
        "a\u2029c",
        "a\x0bb",
        "a\x0cb",
        "a\x85b",
    ),
    "letters of many scripts": (
        "\u092f\u094d\u0930",
        "\u0e17\u0e35\u0e48",
        "\u0f40\u0fb5",
        "\u6f22\u5b57",
        "\u304b\u3099",
        "\u30cf\u309a",
        "\u0416",
        "\u03b1\u0345",
        "\u1ee6",
        "\u0995\u09be",
        "\u17d2\u1780",
    ),
    "private and odd characters": (
        "\ue000",
        "\uf8ff",
        "\ufffd",
        "\ufffc",
        "\u2fff\u2ff0",
        "\U00100000",
        "\u0378",
        "\ufff9x\ufffb",
    ),
    "markup": (
        "<b>",
        "</p>",
        "<!--x-->",
        "&amp;",
        "&lt;",
        "&#65;",
        "&nbsp;",
        "<img src=x>",
        "]]>",
        "<?x?>",
        "<script>a</script>",
    ),
    "format codes": (
        "%s",
        "%d",
        "%%",
        "{0}",
        "{{a}}",
        "${x}",
        "#{x}",
        "%41",
        "%00",
        "%zz",
        "+",
        "a+b",
        "$1",
        "\\1",
        "%n",
        "~1",
        "{% x %}",
        "<%= x %>",
    ),
    "escapes": (
        r"\n",
        r"\u0041",
        r"\x41",
        r"\\",
        r"\"",
        r"\0",
        "\\",
        r"\ud83d\ude00",
        "/",
        r"\/",
        "^[",
        r"C:\new",
    ),
    "SQL": (
        "'",
        "''",
        "' OR '1'='1",
        "; --",
        "/*x*/",
        "`x`",
        '"x"',
        "UNION SELECT",
        "\\'",
        "N'x'",
        "E'x'",
    ),
    "codes and links": (
        ":thumbs_up:",
        ":)",
        ":smile:",
        "(c)",
        "(tm)",
        "...",
        "--",
        "@bob",
        "#tag",
        "/me",
        "**b**",
        "_i_",
        "[x](y)",
        "http://e.org/?a=b&c=d#e",
        "a@e.org",
    ),
}
"""Pieces of texts, by what is odd about them."""

LOOKALIKES = (
    *("null", "true", "false", "undefined", "NaN", "None", "[object Object]", "Infinity", "-"),
    *(
        "0",
        "42",
        "-7",
        "-0",
        "007",
        "1e5",
        "1E400",
        "1.0",
        "0.1",
        "12345678901234567890",
        "0x1F",
        "1_000",
        "+1",
    ),
    *(
        '{"b":1,"a":1.0}',
        "[1,2]",
        '"quoted"',
        "{}",
        "[]",
        "''",
        "2025-06-26",
        "2025-06-26T08:48:07.130Z",
        "2025-06-26T08:48:07Z",
    ),
    *(
        "3f2504e0-4f89-41d3-9a0c-0305e82c3301",
        "=1+1",
        "@SUM(1)",
        "YWJj",
        "data:,x",
        "yes",
        "no",
        "~",
    ),
    *(
        "!!str x",
        "a: b",
        "- a",
        "# a",
        "a,b;c",
        "$where",
        "__proto__",
        "constructor",
        "(null)",
        "nil",
    ),
)
"""Texts that look like something else."""

ENDS = ("", " ", "  ", "   ", "\n", "\t", "\r\n", "\u00a0", "\u3000", "\u2003")

AT_ENDS, MIXED = "white space at its ends", "characters of several kinds"

KEPT_OR_REFUSED = ("\ud800", "\udfff", "\udc00\ud800", "\ud83d", "\x00")
"""Half surrogate pairs and U+0000."""
UNPAIRED = (*KEPT_OR_REFUSED, "\ufffe", "\U0001ffff", "\ufdd0")
"""And noncharacters, which RFC 7493 keeps out of messages."""


def texts(random: Random, limit: int, count: int) -> Iterator[tuple[str, str]]:
    """What is odd about a text, and the text: of one kind, of several, or with odd ends."""
    kinds = list(PIECES)
    random.shuffle(kinds)
    for number in range(count):
        match number % 5:
            case 3:
                yield MIXED, readable(mixture(random, limit), limit)
            case 4:
                text = readable(mixture(random, 10), max(1, limit - 4))
                whole = fitted(random.choice(ENDS) + text + random.choice(ENDS), limit)
                yield AT_ENDS, whole
            case _:
                kind = kinds[(number - number // 5 * 2) % len(kinds)]
                yield kind, readable(of_one_kind(random, kind), limit)


def of_one_kind(random: Random, kind: str) -> str:
    pieces = random.sample(PIECES[kind], min(len(PIECES[kind]), random.randint(2, 12)))
    return random.choice(("", " ", "x")).join(pieces)


def mixture(random: Random, limit: int) -> str:
    every = [piece for pieces in PIECES.values() for piece in pieces]
    return "".join(random.choice(every) for _ in range(random.choice((3, 8, 20, limit))))


def readable(text: str, limit: int) -> str:
    """A text that fits, and that nobody could take for blank."""
    fitting = fitted(text, limit)
    seen = any(unicodedata.category(one)[0] in "LNPS" for one in fitting)
    return fitting if seen else fitted(f"x{text}", limit)
