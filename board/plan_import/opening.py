"""Which kind of file it is, by its content, and whether it is small enough to be looked into.

Workbooks and documents are archives of XML. What they unpack to is counted before anything is parsed: a small file can
hold a very large one. A document type in the XML could make a parser fetch or multiply things; Office never writes one.
"""

import io
import zipfile
import zlib

from board.plan_import.errors import NotAPlan
from board.plan_import.grids import Grid

MOST_BYTES = 20 * 1024 * 1024
MOST_UNPACKED = 100 * 1024 * 1024
MOST_TEXT_FILE = 5 * 1024 * 1024
MOST_PARTS = 2000
PIECE = 256 * 1024
# The most bytes of one part, by what its name holds: the first fitting row counts. Sheets are read as a stream.
MOST_OF_PART = [
    ("xl/worksheets/", 40 * 1024 * 1024),
    ("sharedstrings", 5 * 1024 * 1024),
    ("xl/styles", 5 * 1024 * 1024),
    (".xml", 6 * 1024 * 1024),
    (".rels", 1024 * 1024),
]
MOST_XML_OF_DOCUMENT = 6 * 1024 * 1024  # a document is read whole
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
DOCUMENT_TYPES = [
    part.encode(code) for part in ("<!DOCTYPE", "<!ENTITY") for code in ("utf-8", "utf-16-le", "utf-16-be")
]
BROKEN = (
    zipfile.BadZipFile,
    zipfile.LargeZipFile,
    zlib.error,
    EOFError,
    OSError,
    NotImplementedError,
    RuntimeError,
    ValueError,
)
SAVE_AS = "Save it as an Excel workbook (.xlsx), a Word document (.docx) or a CSV file, and choose that."


def read_grids(content: bytes) -> list[Grid]:
    """The tables of a file. `NotAPlan` where it is none of the three kinds, broken, or too large."""
    if not content:
        raise NotAPlan("The file is empty. Choose another.")
    if len(content) > MOST_BYTES:
        raise NotAPlan(f"The file is larger than {MOST_BYTES // 2**20} MB. Take pictures and other sheets out of it.")
    if content.startswith(OLD_OFFICE):
        raise NotAPlan(f"The file is protected by a password, or of an old kind (.xls, .doc). {SAVE_AS}")
    read = _reader_of(content)
    grids = [grid for grid in read(content) if grid.rows]
    if not grids:
        raise NotAPlan("The file holds no table with anything in it. Choose another.")
    return grids


def _reader_of(content: bytes):
    """The libraries are loaded by whoever brings a file, not by every page."""
    if not content.startswith(b"PK"):
        from board.plan_import.delimited import read_text

        return read_text
    parts = checked_parts(content)
    if "xl/workbook.xml" in parts:
        from board.plan_import.workbooks import read_workbook

        return read_workbook
    if "word/document.xml" in parts:
        from board.plan_import.documents import read_document

        return read_document
    raise NotAPlan(f"The file is neither a workbook nor a document. {SAVE_AS}")


def checked_parts(content: bytes) -> set[str]:
    """The names of an archive's parts, once their sizes are known to be bearable."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            _check_sizes(parts)
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    _check_text_of(archive, part)
    except BROKEN:
        raise NotAPlan(
            f"The file is broken, or protected by a password. Open it, and save it anew. {SAVE_AS}"
        ) from None
    return {part.filename for part in parts}


def _check_sizes(parts: list[zipfile.ZipInfo]) -> None:
    names = {part.filename.lower() for part in parts}
    if any(name.endswith("vbaproject.bin") for name in names):
        raise NotAPlan(f"The file holds macros. {SAVE_AS}")
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise NotAPlan(
            f"The file unpacks to more than {MOST_UNPACKED // 2**20} MB, which no plan needs. Take sheets and pictures out."
        )
    for part in parts:
        most = next((size for words, size in MOST_OF_PART if words in part.filename.lower()), MOST_UNPACKED)
        if part.file_size > most:
            raise NotAPlan(
                f"{part.filename} in the file unpacks to more than {most // 2**20} MB. Take out what is no part of the plan."
            )
    words = sum(part.file_size for part in parts if part.filename.endswith(".xml"))
    if "word/document.xml" in names and words > MOST_XML_OF_DOCUMENT:
        raise NotAPlan(
            f"The document's text unpacks to more than {MOST_XML_OF_DOCUMENT // 2**20} MB. Leave only the plan in it."
        )


def _check_text_of(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Read through once, which also finds a part that is not what its entry says."""
    before = b""
    with archive.open(part) as file:
        while piece := file.read(PIECE):
            seen = before + piece
            if any(words in seen for words in DOCUMENT_TYPES):
                raise NotAPlan("The file holds a document type, which no Office program writes. It is not opened.")
            before = piece[-40:]
