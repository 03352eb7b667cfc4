"""Values beyond what schemas speak of, where bugs live. All of them come of a seeded generator."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator
from random import Random

from conformance.client import encode
from conformance.suite.texts import fitted

# -- texts -----------------------------------------------------------------------------------------

PIECES: dict[str, tuple[str, ...]] = {
    "letters and digits": ("abc", "Zx9", "0", "00", "e", "I", "end"),
    "punctuation": tuple("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"),
    "combining marks": ("e\u0301", "a\u0323\u0307", "a\u0307\u0323", "\u0344", "q\u0300\u0316", "o\u20dd", "n\u035c\u0361"),
    "canonical pairs": ("\u212b", "\u00c5", "A\u030a", "\u2126", "\u1e9b\u0323", "\uac00", "\u1100\u1161", "\u0958", "\ufb1d", "\u0340", "\U0001d15e", "\U0002f800", "\u2adc"),
    "compatibility characters": ("\ufb03", "\u2460", "\uff21", "\u00bd", "\u33a5", "\u3392", "\ufdfa", "\U0001d4d0", "\u1d2c", "\u017f", "\u00aa", "\u2474"),
    "letters whose case is odd": ("\u00df", "\u1e9e", "\u0130", "\u0131", "\u03a3\u03c2", "\u01c5", "\u0149", "\u1f80", "\u212a", "\ufb00", "\u10d0\u1c90", "\U00010400", "\u13a0\uab70"),
    "characters beyond the basic plane": ("\U0001f600", "\U00020bb7", "\U00010348", "\U0001d54f", "\U000e0100", "\U000f0000", "\U0010fffd", "\U00013000", "\U0001f9d1"),
    "joined emoji": ("\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f44d\U0001f3fd", "\U0001f3f4\U000e0067\U000e0062\U000e007f", "\U0001f1e9\U0001f1ea", "1\ufe0f\u20e3", "\u2764\ufe0f\u200d\U0001f525", "\u263a\ufe0e"),
    "right-to-left text": ("\u05e9\u05b8\u05dc\u05d5\u05dd", "\u0645\u0631\u062d\u0628\u0627", "\u202ex\u202c", "\u2067y\u2069", "a\u200fb", "\u061c1", "\U0001e900", "\u0660\u0661"),
    "zero-width characters": ("a\u200bb", "a\u200cb", "a\u200db", "a\u2060b", "a\ufeffb", "a\u00adb", "a\u034fb", "a\u180eb", "a\u115fb", "a\u3164b", "a\u2063b"),
    "control characters": tuple(f"a{chr(code)}b" for code in (*range(1, 9), *range(14, 32), *range(0x7F, 0x85), *range(0x86, 0xA0))),
    "blanks": ("a b", "a  b", "a\tb", "a\u00a0b", "a\u3000b", "a\u2003b", "a\u202fb", "a\u1680b", "a\u205fb"),
    "line breaks": ("a\nb", "a\r\nb", "a\rb", "a\n\n\nb", "a\u2028b", "a\u2029c", "a\x0bb", "a\x0cb", "a\x85b"),
    "letters of many scripts": ("\u092f\u094d\u0930", "\u0e17\u0e35\u0e48", "\u0f40\u0fb5", "\u6f22\u5b57", "\u304b\u3099", "\u30cf\u309a", "\u0416", "\u03b1\u0345", "\u1ee6", "\u0995\u09be", "\u17d2\u1780"),
    "private and odd characters": ("\ue000", "\uf8ff", "\ufffd", "\ufffc", "\u2fff\u2ff0", "\U00100000", "\u0378", "\ufff9x\ufffb"),
    "markup": ("<b>", "</p>", "<!--x-->", "&amp;", "&lt;", "&#65;", "&nbsp;", "<img src=x>", "]]>", "<?x?>", "<script>a</script>"),
    "format codes": ("%s", "%d", "%%", "{0}", "{{a}}", "${x}", "#{x}", "%41", "%00", "%zz", "+", "a+b", "$1", "\\1", "%n", "~1", "{% x %}", "<%= x %>"),
    "escapes": (r"\n", r"\u0041", r"\x41", r"\\", r"\"", r"\0", "\\", r"\ud83d\ude00", "/", r"\/", "^[", r"C:\new"),
    "SQL": ("'", "''", "' OR '1'='1", "; --", "/*x*/", "`x`", '"x"', "UNION SELECT", "\\'", "N'x'", "E'x'"),
    "codes and links": (":thumbs_up:", ":)", ":smile:", "(c)", "(tm)", "...", "--", "@bob", "#tag", "/me", "**b**", "_i_", "[x](y)", "http://e.org/?a=b&c=d#e", "a@e.org"),
}  # fmt: skip
"""Pieces of texts, by what is odd about them."""

LOOKALIKES = (
    *("null", "true", "false", "undefined", "NaN", "None", "[object Object]", "Infinity", "-"),
    *("0", "-0", "007", "1e5", "1E400", "1.0", "0.1", "12345678901234567890", "0x1F", "1_000", "+1"),
    *('{"a": 1}', "[1, 2]", '"quoted"', "{}", "[]", "''", "2025-06-26", "2025-06-26T08:48:07.130Z"),
    *("3f2504e0-4f89-41d3-9a0c-0305e82c3301", "=1+1", "@SUM(1)", "YWJj", "data:,x", "yes", "no", "~"),
    *("!!str x", "a: b", "- a", "# a", "a,b;c", "$where", "__proto__", "constructor", "(null)", "nil"),
)
"""Texts that look like something else."""

UNPAIRED = ("\ud800", "\udfff", "\udc00\ud800", "\ud83d", "\x00", "\ufffe", "\U0001ffff", "\ufdd0")
"""Half surrogate pairs, U+0000, and noncharacters (RFC 7493 keeps these out of messages)."""


def texts(random: Random, limit: int, count: int) -> Iterator[tuple[str, str]]:
    """What is odd about a text in words, and the text: each kind by itself, mixtures, lookalikes."""
    kinds = list(PIECES)
    random.shuffle(kinds)
    for number in range(count):
        match number % 5:
            case 3:
                yield "characters of several kinds", readable(mixture(random, limit), limit)
            case 4:
                yield "what looks like something else", readable(random.choice(LOOKALIKES), limit)
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
    """A text that fits, and that nobody could take for blank or end in the middle of a line."""
    seen = any(unicodedata.category(one)[0] in "LNPS" for one in text)
    return fitted(text if seen else f"{text}x", limit) or "x"


# -- numbers ---------------------------------------------------------------------------------------

NUMBERS = (
    *("2147483646", "2147483647", "2147483648", "-2147483648", "-2147483649", "4294967295"),
    *("4294967296", "4294967297", "4294967301", "-4294967291", "8589934597", "9223372036854775807"),
    *("9223372036854775808", "18446744073709551617", "1" * 40, "9" * 400, "-1", "-20", "-0", "+1"),
    *("1.5", "0.5", "-1.5", "1.0", "5.", ".5", "1e1", "1E400", "1e-1", "0x10", "0b1", "0o7", "010"),
    *("1_0", "1,0", "1 0", " 5", "5 ", "5\t", "5\n", "\u0661", "\uff15", "\u00b2", "\u00bd", "\u2164"),
    *("5\x00", "\x00", "abc", "five", "10abc", "true", "null", "undefined", "NaN", "Infinity"),
    *("", " ", "[]", "{}", "5 OR 1=1", "1;", "'1'", '"1"', "$5", "--1", "5-", "\u22125", "\U0001f600"),
    *("1.5.5", "0.9999999999999999999", "19.999999999999999999999", "20.5", "e", "Skip", "*", "%"),
)
"""Numbers and what is like them, as somebody writes them for a Skip or a Take."""

FLAGS = (
    *("TRUE", "False", "tRuE", "1", "0", "2", "-1", "yes", "no", "on", "off", "t", "f", "y", "n", "", " "),
    *("maybe", "ascending", "desc", "asc", "truee", "tru", "true,false", "null", "nottrue", "\uff54rue"),
    *("[true]", "\U0001f44d", "wahr", "falsch", "verdadero", "true\x00", "x"),
)

KEYS = (
    *("Nope", "createdat", "CREATEDAT", "Created_At", "pinned", "message", "user", "id", "0", "1", ""),
    *("CreatedAt desc", "CreatedAt,Pinned", "-CreatedAt", "CreatedAt;", "CreatedAt\x00", "1; DROP TABLE x"),
    *(":heart:", ":thumbs_sideways:", "::", ":", "thumbs_up", "\U0001f44d", "__proto__", "toString"),
    *("constructor", "hasOwnProperty", "Created\u0410t", "CreatedAt'", "(SELECT 1)", "$natural", "x" * 300),
)


def queries(random: Random, count: int) -> Iterator[tuple[tuple[str, str], ...]]:
    """Queries with one odd value each; some with another parameter, or with the odd one twice."""
    values = {"Skip": NUMBERS, "Take": NUMBERS, "Ascending": FLAGS, "SortBy": KEYS}
    for number in range(count):
        name = ("Skip", "Take", "Skip", "Take", "SortBy", "Ascending")[number % 6]
        pair = (name, random.choice(values[name]))
        more = random.choice(((), (), (), (("Skip", "1"),), (("Take", "2"),), (pair,), (("", ""),)))
        extra = tuple(one for one in more if one[0] != name or one == pair)
        yield (pair, *extra) if random.random() < 0.5 else (*extra, pair)


# -- ids -------------------------------------------------------------------------------------------

NOBODYS = (
    *("%25", "_", "%2A", ".%2A", "%5B%5D", "%24ne", "%7B%7D", "%27%20OR%20%271%27%3D%271", "%00", "%0A"),
    *("%F0%9F%98%80", "%C3%A9", "e%CC%81", "%E2%80%AE", "%FF", "%C0%AF", "%ED%A0%80", "%F4%90%80%80"),
    *("null", "undefined", "NaN", "true", "%20", "%09", "-", "~", "none", "me", "all", "last", "latest"),
    *("a%2Fb", "a%2F..%2Fb", "a%5Cb", "a%3Fb", "a%23c", "a%26b%3Dc", "a%3Bb", "a%2Bb", "a+b", "a%25b"),
    *("a%252Fb", "%252e%252e", "a,b", "a%2Cb", "a:b", "a@b", "a=b", "a%7Cb", "%3Cb%3E", "%22", "constructor"),
    *("a%0D%0Ab", "x%00y", "%E2%80%8B", "%EF%BB%BFa", "%CC%81", "%D7%A9", "A%CC%8A", "%E2%84%AB", "%C7%85"),
    *("00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "reactions", "pins"),
    *("x" * 255, "x" * 256, "x" * 1000, "%E6%BC%A2" * 100, "$where", "__proto__", "toString", "hasOwnProperty"),
)
"""Parts of a path, as they are sent, that are the id of nothing."""


# -- JSON ------------------------------------------------------------------------------------------


def spellings(random: Random, name: str, text: str) -> Iterator[bytes]:
    """The same object in JSON, as one serialiser or another writes it."""
    key, plain = json.dumps(name), encode(text)
    escaped = "".join(f"\\u{unit:04{random.choice('xX')}}" for unit in _units(text))
    hidden = "".join(f"\\u{ord(one):04x}" for one in name)
    mixed = "".join(random.choice((one, json.dumps(one)[1:-1])) if one not in '"\\' and one >= " " else json.dumps(one)[1:-1] for one in text)
    yield b"{" + key.encode() + b":" + plain + b"}"
    yield f'{{{key}: "{escaped}"}}'.encode()
    yield b'\n{ "' + hidden.encode() + b'"\t:\r\n' + plain + b" }\n"
    yield f'{{{key}: "{mixed}"}}'.replace("/", "\\/").encode("utf-8", "replace")


def _units(text: str) -> Iterator[int]:
    octets = text.encode("utf-16-be", "surrogatepass")
    for at in range(0, len(octets), 2):
        yield int.from_bytes(octets[at : at + 2], "big")


def no_strings(random: Random, text: str) -> Iterator[object]:
    """JSON values that are no string, some of which hold the right one."""
    numbers = (0, 1, -1, 2**31, 2**53 + 1, 2**64, -0.0, 1.5, 1e308, 10**400)
    yield random.choice(numbers)
    yield from random.sample((True, False, 0, 1, 7), 2)
    yield from random.sample(([], [text], [text, text], [[text]], [None], [0]), 2)
    yield from random.sample(({}, {"": text}, {"value": text}, {"$ne": None}, {"0": text}), 2)


def broken(random: Random, name: str, text: str) -> bytes:
    """The beginning of an object that never ends: no dialect of JSON reads it."""
    whole = f'{{"{name}": {json.dumps(text)}}}'
    return whole[: random.randint(1, len(whole) - 1)].encode()


def loaded(random: Random, name: str, text: str) -> bytes:
    """A right member beside one of no meaning, which is deep, huge or oddly named."""
    depth, size = random.choice((10, 200, 2000, 20_000)), random.choice((100, 5000, 70_000))
    extra = random.choice(
        (
            f'"x": {"[" * depth}{"]" * depth}',
            f'"x": {chr(123)}{chr(34)}a{chr(34)}: {"{" * 0}1{chr(125)}',
            f'"x": {"9" * size}',
            f'"x": "{"y" * size}"',
            f'"{"k" * size}": 1',
            '"x": 1e999',
            '"x": -0.0e-999',
            '"": null, " ": 0, "\\u0000": 1',
            '"__proto__": {"message": 1, "reaction": 1}, "constructor": {"prototype": {}}',
            '"x": "\\ud800", "\\udfff": 1',
            ", ".join(f'"k{number}": {number}' for number in range(500)),
        )
    )
    pair = f'"{name}": {json.dumps(text)}'
    return ("{" + ", ".join(random.sample((pair, extra), 2)) + "}").encode()


CONTENT_TYPES = (
    *("text/plain", "text/html", "application/xml", "text/xml", "application/octet-stream"),
    *("application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "image/png", "text/csv"),
    *("application/javascript", "application/x-yaml", "text/plain; charset=utf-8", "application/jsonx"),
)
"""None of them is JSON."""

ODD_TYPES = (
    *("application/json;", "application/json; charset", "APPLICATION/JSON", "json", "*/*", "/", "a/b/c"),
    *("application/json, application/json", "application/json; charset=utf-7", "text/json", " "),
    *("application/problem+json", 'application/json; charset="utf-8', "\xff", "application/json\t; x=y"),
)
"""What a target makes of these is its own affair, as long as it answers."""
