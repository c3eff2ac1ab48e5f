"""The parts of a workbook, each streamed, and of each no more kept than is asked for.

A library that builds objects of a whole part, of its formats alone even, can be made to fill the memory by a file of a few
kilobytes. What cells hold is read in `workbooks.py`.
"""

import posixpath
import re
import zipfile
from xml.parsers import expat

from common.zip_bounds import MB, PIECE, BeyondBounds

MOST_TAGS = 1_000_000  # of all parts that are read
LONGEST_GAP = 4 * MB  # without a tag; or within a tag or comment, which the parser looks at again with each piece
ESCAPED = re.compile("_x(0009|000[AaDd]|005[Ff])_")  # how Excel keeps what XML would lose
TOO_MUCH = "The workbook holds far more than anybody fills in. Leave only what is needed in it, and choose it again."


class Parts:
    """An archive's parts by their names, with the tags that may still be read of all of them."""

    def __init__(self, archive: zipfile.ZipFile):
        self.archive, self.tags_left = archive, MOST_TAGS
        self.names = {name.lower(): name for name in archive.namelist()}

    def open(self, path: str):
        return self.archive.open(self.names[path.lower()])

    def spend_tag(self) -> None:
        self.tags_left -= 1
        if self.tags_left < 0:
            raise BeyondBounds(TOO_MUCH)


class AtItsEnd(Exception):
    """Nothing further of a part need be read."""


class Part:
    """A part's XML as it streams by: names come without their namespace. Text is collected where `takes_text`."""

    def __init__(self, book: Parts):
        self.book = book
        self.takes_text = self.is_spoken = False

    def read(self, path: str | None):
        """Itself; untouched where the workbook has no such part."""
        if path is not None:
            with self.book.open(path) as source:
                self._stream(source)
        return self

    def _stream(self, source) -> None:
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = self._start, self._end
        parser.CharacterDataHandler, parser.StartDoctypeDeclHandler = self._text, self._refuse
        gap = given = 0
        try:
            while piece := source.read(PIECE):
                gap = 0 if b"<" in piece else gap + len(piece)
                if gap > LONGEST_GAP:
                    raise BeyondBounds(TOO_MUCH)
                parser.Parse(piece, False)
                given += len(piece)
                if given - parser.CurrentByteIndex > LONGEST_GAP:
                    raise BeyondBounds(TOO_MUCH)
            parser.Parse(b"", True)
        except AtItsEnd:
            return

    def _refuse(self, *_) -> None:
        raise ValueError("A document type, in a code that nobody looks for.")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self.book.spend_tag()
        name = name.rpartition(" ")[2]
        self.is_spoken |= name == "rPh"  # how a Japanese text is spoken, which is no part of it
        self.takes_text = name in ("v", "t") and not self.is_spoken
        self.start(name, attributes)

    def _end(self, name: str) -> None:
        name = name.rpartition(" ")[2]
        self.takes_text = False
        self.is_spoken &= name != "rPh"
        self.end(name)

    def _text(self, text: str) -> None:
        if self.takes_text:
            self.text(text)

    def start(self, name: str, attributes: dict[str, str]) -> None: ...

    def end(self, name: str) -> None: ...

    def text(self, text: str) -> None: ...


class Links(Part):
    """Where the parts of the workbook lie, by the names that it has for them."""

    def __init__(self, book: Parts):
        super().__init__(book)
        self.found: dict[str, tuple[str, str]] = {}

    def start(self, name, attributes):
        if name == "Relationship" and attributes.get("TargetMode") != "External":
            path = posixpath.normpath(posixpath.join("/xl", attributes["Target"])).lstrip("/")
            self.found[attributes["Id"]] = attributes["Type"], path


class Listed(Part):
    """The sheets as (name, state, link), and from which year days are counted."""

    def __init__(self, book: Parts):
        super().__init__(book)
        self.sheets: list[tuple[str, str, str]] = []
        self.has_1904 = False

    def start(self, name, attributes):
        if name == "sheet":
            link = next(value for key, value in attributes.items() if key.endswith(" id"))
            self.sheets.append((attributes["name"], attributes.get("state", "visible"), link))
        elif name == "workbookPr":
            self.has_1904 = attributes.get("date1904") in ("1", "true")


class Strings(Part):
    """The texts that cells name by their number."""

    def __init__(self, book: Parts):
        super().__init__(book)
        self.found: list[str] = []
        self.pieces: list[str] = []

    def text(self, text):
        self.pieces.append(text)

    def end(self, name):
        if name == "si":
            self.found.append(unescaped("".join(self.pieces)))
            self.pieces = []


class Formats(Part):
    """How numbers are shown, by the style of a cell; and whether that makes them days."""

    LONGEST = 255  # letters of a format that Excel takes

    def __init__(self, book: Parts):
        super().__init__(book)
        self.numbers: list[int] = []
        self.own: dict[int, str] = {}
        self.is_of_cells = False

    def start(self, name, attributes):
        if name == "cellXfs":
            self.is_of_cells = True
        elif name == "xf" and self.is_of_cells:
            self.numbers.append(int(attributes.get("numFmtId", 0)))
        elif name == "numFmt":
            self.own[int(attributes["numFmtId"])] = attributes["formatCode"][: self.LONGEST]

    def end(self, name):
        self.is_of_cells &= name != "cellXfs"

    def of(self, style: int) -> str:
        from openpyxl.styles.numbers import BUILTIN_FORMATS

        number = self.numbers[style] if style < len(self.numbers) else 0
        return self.own.get(number) or BUILTIN_FORMATS.get(number, "General")


def unescaped(text: str) -> str:
    return ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text
