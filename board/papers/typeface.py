"""The letters that papers are set in: an open face from a package, since a machine may have none of its own.

PDF/UA-1 allows no character that the face lacks. Such a one is written in words in its place ("[party popper]"), so that
nothing is lost; what nobody can see (control characters, halves of pairs) is left out.
"""

import re
import struct
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

FAMILY = "Source Sans Pro"
LONGEST_UNBROKEN = 28  # letters of a word before a line may break within it
BREAK = "\u200b"
MOST_IN_WORDS = 500  # letters of one text: a report of ten thousand pictures would be thousands of pages
_LONG = re.compile(rf"\S{{{LONGEST_UNBROKEN + 1},}}")


@lru_cache(maxsize=1)
def folder() -> str:
    import font_source_sans_pro

    return font_source_sans_pro.font_directory


def settable(text: str) -> str:
    """The text with what the face lacks in words, and with places to break in words that no line could hold."""
    text = str(text)
    has = letters()
    if any(ord(letter) not in has for letter in set(text)):
        room = iter(range(MOST_IN_WORDS))
        text = "".join([letter if ord(letter) in has else _in_words(letter, room) for letter in text])
    return _LONG.sub(lambda found: _breakable(found[0]), text)


def _breakable(word: str) -> str:
    """After the marks at which an address is read, and anywhere in what has none."""
    marked = re.sub(r"([/?&=._\-@])(?=\w)", rf"\1{BREAK}", word)
    pieces = []
    for piece in marked.split(BREAK):
        pieces += [piece[at : at + LONGEST_UNBROKEN] for at in range(0, len(piece), LONGEST_UNBROKEN)]
    return BREAK.join(pieces)


def _in_words(letter: str, room: Iterator[int]) -> str:
    if letter in "\n\t":
        return letter
    plain = unicodedata.normalize("NFKC", letter)
    if plain != letter and all(ord(each) in letters() for each in plain):
        return plain
    if unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me"):
        return ""
    if letter.isspace():
        return " "
    if next(room, None) is None:
        return "[?]"
    return f"[{unicodedata.name(letter, f'U+{ord(letter):04X}').lower()}]"


@lru_cache(maxsize=1)
def letters() -> frozenset[int]:
    """The characters that both weights we set have."""
    import font_source_sans_pro as package

    faces = [package.font_files_ttf[name] for name in ("SourceSansPro", "SourceSansProBold")]
    found = [_characters_of(Path(face).read_bytes()) for face in faces]
    return frozenset(found[0] & found[1]) | {0x20, 0x0A, 0x09, 0x200B}


def _characters_of(font: bytes) -> set[int]:
    """What the character map of an OpenType file holds, in its formats 4 and 12."""
    count = struct.unpack_from(">H", font, 4)[0]
    tables = {font[12 + 16 * i : 16 + 16 * i]: struct.unpack_from(">I", font, 20 + 16 * i)[0] for i in range(count)}
    start = tables[b"cmap"]
    found: set[int] = set()
    for i in range(struct.unpack_from(">H", font, start + 2)[0]):
        at = start + struct.unpack_from(">I", font, start + 8 + 8 * i)[0]
        kind = struct.unpack_from(">H", font, at)[0]
        if kind == 4:
            half = struct.unpack_from(">H", font, at + 6)[0] // 2
            ends = struct.unpack_from(f">{half}H", font, at + 14)
            starts = struct.unpack_from(f">{half}H", font, at + 16 + 2 * half)
            found.update(*(range(first, last + 1) for first, last in zip(starts, ends, strict=True)))
        elif kind == 12:
            groups = struct.unpack_from(">I", font, at + 12)[0]
            for group in range(groups):
                first, last = struct.unpack_from(">II", font, at + 16 + 12 * group)
                found.update(range(first, last + 1))
    return found - {0xFFFF}
