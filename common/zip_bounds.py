"""Office files that somebody sent, which are archives of XML: looked over before anything in them is parsed.

A small file can hold a very large one. What each part unpacks to stands in the archive's list of parts, and Python hands out
no more of a part than its entry says; so the list is checked first. Then each part of XML is read through once: that finds one
that is not what its entry says, and a document type, which could make a parser fetch or multiply things and which no Office
program writes.
"""

import io
import struct
import zipfile
import zlib

MB = 1024 * 1024
MOST_BYTES = 20 * MB
MOST_UNPACKED = 100 * MB
MOST_PARTS = 2000
MOST_OF_LIST = 1 * MB
PIECE = 256 * 1024
# The most bytes of one part, by what its name holds: the first fitting row counts. Sheets and their texts are streamed.
MOST_OF_PART = [
    ("xl/worksheets/", 64 * MB),
    ("sharedstrings", 12 * MB),
    ("xl/styles", 5 * MB),
    (".xml", 6 * MB),
    (".rels", 1 * MB),
]
MOST_XML_OF_DOCUMENT = 6 * MB  # a document is read whole
OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # .xls and .doc; and an .xlsx or .docx that a password encrypts
MACROS = ("vbaproject", "xl/macrosheets/", "xl/dialogsheets/", "xl/activex/")
DOCUMENT_TYPES = [
    part.encode(code) for part in ("<!DOCTYPE", "<!ENTITY") for code in ("utf-8", "utf-16-le", "utf-16-be")
]
BREAKS = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error, EOFError, OSError, NotImplementedError,
    RuntimeError, ValueError, KeyError,
)  # fmt: skip
SAVE_ANEW = "Open it, save it anew, and choose that."


class BeyondBounds(Exception):
    """The file is broken, too large, or holds what is not opened here. The message says why, and what to do."""


def refuse_at_sight(content: bytes, *, most_bytes: int = MOST_BYTES) -> None:
    """What can be said of any file by its size and its first bytes."""
    if not content:
        raise BeyondBounds("The file is empty. Choose another.")
    if len(content) > most_bytes:
        raise BeyondBounds(
            f"The file is larger than {most_bytes // MB} MB. Take out of it what is not needed, such as pictures."
        )
    if content.startswith(OLD_OFFICE):
        raise BeyondBounds(
            "The file is protected by a password, or of an old kind (.xls, .doc)."
            " Save it without a password as .xlsx or .docx, and choose that."
        )


def checked_parts(content: bytes) -> set[str]:
    """The names of an archive's parts, once what they unpack to is known to be bearable."""
    try:
        _refuse_long_list(content)
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            _refuse_by_names(parts)
            _refuse_by_sizes(parts)
            for part in parts:
                if part.filename.lower().endswith((".xml", ".rels")):
                    _read_through(archive, part)
    except BREAKS:
        raise BeyondBounds(f"The file is broken and cannot be read. {SAVE_ANEW}") from None
    return {part.filename for part in parts}


def _refuse_long_list(content: bytes) -> None:
    """Before Python reads the list of parts: it alone could fill the memory."""
    end = content[-66_000:]
    at = end.rfind(b"PK\x05\x06")
    parts, length = struct.unpack("<HL", end[at + 10 : at + 16]) if at >= 0 else (0, 0)
    has_second_list = end[max(at - 20, 0) : at].startswith(b"PK\x06\x07")  # of archives beyond 4 GB, and of traps
    if parts > MOST_PARTS or length > MOST_OF_LIST or has_second_list:
        raise BeyondBounds(f"The file holds more than {MOST_PARTS:,} parts. Take out of it what is not needed.")


def _refuse_by_names(parts: list[zipfile.ZipInfo]) -> None:
    names = [part.filename.lower().replace("\\", "/").lstrip("/") for part in parts]
    if any(part.flag_bits & 1 for part in parts):
        raise BeyondBounds("The file is protected by a password. Save it without one, and choose that.")
    if any(word in name for word in MACROS for name in names):
        raise BeyondBounds(
            "The file holds macros, which are never run here. Save it without them (.xlsx, .docx), and choose that."
        )
    if len(set(names)) < len(names):  # readers would not agree on what the file says
        raise zipfile.BadZipFile


def _refuse_by_sizes(parts: list[zipfile.ZipInfo]) -> None:
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise BeyondBounds(
            f"The file unpacks to more than {MOST_UNPACKED // MB} MB. Take out of it what is not needed, such as pictures."
        )
    for part in parts:
        most = next((size for words, size in MOST_OF_PART if words in part.filename.lower()), MOST_UNPACKED)
        if part.file_size > most:
            raise BeyondBounds(
                f"{part.filename} in the file unpacks to more than {most // MB} MB. Take out of it what is not needed."
            )
    xml = sum(part.file_size for part in parts if part.filename.lower().endswith(".xml"))
    if any(part.filename == "word/document.xml" for part in parts) and xml > MOST_XML_OF_DOCUMENT:
        raise BeyondBounds(
            f"The document's text unpacks to more than {MOST_XML_OF_DOCUMENT // MB} MB. Leave only what is needed in it."
        )


def _read_through(archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    before = b""
    with archive.open(part) as file:
        while piece := file.read(PIECE):
            seen = before + piece
            if any(words in seen for words in DOCUMENT_TYPES):
                raise BeyondBounds("The file holds a document type, which no Office program writes. It is not opened.")
            before = piece[-40:]
