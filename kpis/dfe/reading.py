"""A file as rows, read as a stream: pieces of bytes in, lists of cells out, never more than a piece at a time in memory.

What is no CSV in UTF-8, or passes the bounds, is refused whole with a sentence that says what was found.
"""

import codecs
import csv
import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice

from kpis.dfe.errors import NotThisFormat
from kpis.dfe.layout import Layout, refused

MOST_BYTES = 200 * 1024 * 1024
MOST_ROWS = 2_000_000
LONGEST_LINE = 1024 * 1024  # bytes without a line end; csv bounds a cell over several lines by itself


class Bytes(io.RawIOBase):
    """Pieces as one stream, checked on their way: how many, no zeros, no endless line, nothing that is another kind of file."""

    def __init__(self, pieces: Iterable[bytes]):
        self._pieces = iter(pieces)
        self._left = b""
        self._size = 0
        self._since_line_end = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._left = memoryview(self._checked(bytes(piece)))
        count = min(len(buffer), len(self._left))
        buffer[:count] = self._left[:count]
        self._left = self._left[count:]
        return count

    def _checked(self, piece: bytes) -> bytes:
        if not self._size:
            _refuse_other_kinds(piece)
        self._size += len(piece)
        if self._size > MOST_BYTES:
            raise NotThisFormat(f"The file is larger than {MOST_BYTES // 2**20} MB, the most that can be brought in.")
        if b"\0" in piece:
            raise refused("This file holds NUL bytes, which no text file has.")
        self._watch_lines(piece)
        return piece

    def _watch_lines(self, piece: bytes) -> None:
        """Pieces are shorter than the bound, so only what runs on from one to the next can pass it."""
        first = piece.find(b"\n")
        longest = self._since_line_end + (len(piece) if first < 0 else first)
        self._since_line_end = longest if first < 0 else len(piece) - piece.rfind(b"\n") - 1
        if longest > LONGEST_LINE:
            raise refused("One line of this file is longer than a million characters.")


def _refuse_other_kinds(start: bytes) -> None:
    if start.startswith(b"PK\x03\x04"):
        is_workbook = b"xl/" in start or b"[Content_Types]" in start
        what = "an Excel workbook: save the sheet as CSV UTF-8" if is_workbook else "a zip file: choose a CSV inside it"
        raise refused(f"This is {what}.")
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise refused("This is an Excel workbook of the older kind: save the sheet as CSV UTF-8.")
    if start.startswith(b"\x1f\x8b"):
        raise refused("This is a compressed (gzip) file: unpack it first.")
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise refused("This file is written in UTF-16: save it as CSV UTF-8.")
    if start.lstrip()[:1] == b"<":
        raise refused("This is a web page or XML file.")


class Table:
    """The header of a file, and its rows with the number that a sheet would show beside each."""

    def __init__(self, pieces: Iterable[bytes]):
        stream = io.BufferedReader(Bytes(pieces), buffer_size=256 * 1024)
        text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="strict", newline="")
        self._reader = csv.reader(text, strict=True)
        self.layout = Layout.of(self._header())

    def _header(self) -> list[str]:
        with self._explained():
            header = next(self._reader, None)
        if header is None:
            raise refused("This file is empty.")
        return header

    def rows(self) -> Iterator[list[str]]:
        """Every row after the header, empty ones too (they count in a sheet). One of another length refuses the file."""
        width, number = len(self.layout.names), 1
        with self._explained():
            for row in islice(self._reader, MOST_ROWS + 1):
                number += 1
                if len(row) != width and row:
                    raise refused(f"Row {number:,} has {len(row):,} cells, and the header {width:,}.")
                yield row
        if number == 1:
            raise refused("This file has no row below its header.")
        if number > MOST_ROWS + 1:
            raise NotThisFormat(f"The file has more than {MOST_ROWS:,} rows, the most that can be brought in.")

    @contextmanager
    def _explained(self):
        try:
            yield
        except UnicodeDecodeError:
            near = self._reader.line_num + 1
            raise refused(f"This file is not written in UTF-8 (near line {near:,}): save it as CSV UTF-8.") from None
        except csv.Error as error:
            raise refused(f"Line {self._reader.line_num:,} cannot be read as CSV: {error}.") from None
