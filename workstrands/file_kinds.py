"""What kind of file somebody gives as evidence: told by its content, never by its name or by what the browser says of it.

Nothing is unpacked and nothing is run. Of an Office file only the list of its parts and the one part that says what it is are
read, within bounds, whatever the file says of itself. Photographs as HEIC are not taken: many of the computers on which they
would be opened cannot show them. CSV and plain text are not either: nothing in them says what they are.
"""

import re
import struct
import zipfile
import zlib
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

import filetype
from django.core.exceptions import ValidationError

MB = 1024 * 1024
PIECE = 64 * 1024
MOST_PARTS = 5_000
MOST_UNPACKED = 500 * MB
MOST_OF_PART = 2 * MB

OPEN_XML = "application/vnd.openxmlformats-officedocument."
ODF = "application/vnd.oasis.opendocument."


class FileKind(NamedTuple):
    word: str
    endings: tuple[str, ...]
    content_type: str


PDF = FileKind("PDF", (".pdf",), "application/pdf")
WORD = FileKind("Word document", (".docx",), f"{OPEN_XML}wordprocessingml.document")
EXCEL = FileKind("Excel workbook", (".xlsx",), f"{OPEN_XML}spreadsheetml.sheet")
SLIDES = FileKind("PowerPoint slides", (".pptx",), f"{OPEN_XML}presentationml.presentation")
TEXT = FileKind("OpenDocument text", (".odt",), f"{ODF}text")
SHEET = FileKind("OpenDocument spreadsheet", (".ods",), f"{ODF}spreadsheet")
SHOW = FileKind("OpenDocument slides", (".odp",), f"{ODF}presentation")
JPEG = FileKind("JPEG picture", (".jpg", ".jpeg"), "image/jpeg")
PNG = FileKind("PNG picture", (".png",), "image/png")
WEBP = FileKind("WebP picture", (".webp",), "image/webp")

KINDS = (PDF, WORD, EXCEL, SLIDES, TEXT, SHEET, SHOW, JPEG, PNG, WEBP)
PICTURES = {kind.content_type: kind for kind in (JPEG, PNG, WEBP)}
BY_MAIN_PART = {
    f"{OPEN_XML}wordprocessingml.document.main+xml": WORD,
    f"{OPEN_XML}spreadsheetml.sheet.main+xml": EXCEL,
    f"{OPEN_XML}presentationml.presentation.main+xml": SLIDES,
}
BY_MIMETYPE = {kind.content_type: kind for kind in (TEXT, SHEET, SHOW)}
BY_CONTENT_TYPE = {kind.content_type: kind for kind in KINDS}
ENDINGS = tuple(ending for kind in KINDS for ending in kind.endings)
TAKEN_IN_WORDS = (
    "PDF, Word (.docx), Excel (.xlsx), PowerPoint (.pptx), OpenDocument (.odt, .ods, .odp), JPEG, PNG or WebP"
)

OTHER = f"This kind of file is not taken. Save it as one of these: {TAKEN_IN_WORDS}."
BROKEN = "The file is broken and cannot be read. Open it, save it anew, and choose that."
LOCKED = "The file is protected by a password, so that others could not open it. Save it without one, and choose that."
LOCKED_OR_OLD = (
    "The file is protected by a password, or of an old kind (.doc, .xls, .ppt). Save it without a password as .docx, .xlsx,"
    " .pptx or PDF, and choose that."
)
MACROS = "The file holds macros, which are small programs. Save it without them, or as a PDF, and choose that."
TOO_MUCH = "The file unpacks to far more than a document holds. Save it as a PDF, and choose that."

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MACRO_PARTS = ("vbaproject", "/macrosheets/", "/activex/", "vbadata")
MACRO_TYPES = (b"macroenabled", b"vbaproject", b"macrosheet", b"activex")
LISTS_OF_LIBRARIES = ("script-lc.xml", "dialog-lc.xml", "script-lb.xml", "dialog-lb.xml")
BREAKS = (
    zipfile.BadZipFile, zipfile.LargeZipFile, zlib.error, struct.error, EOFError, OSError, NotImplementedError,
    RuntimeError, ValueError, KeyError, IndexError,
)  # fmt: skip


def kind_of(file: BinaryIO, size: int) -> FileKind:
    """What the content is. `ValidationError` for what is not taken, is broken, protected, or holds macros."""
    file.seek(0)
    head = file.read(8192)
    if head.startswith(b"%PDF-"):
        return _pdf(file)
    if head.startswith(OLE):
        raise _refusal(LOCKED_OR_OLD)
    if head.startswith(b"PK\x03\x04"):
        return _archive(file, size)
    guessed = filetype.guess(head)
    kind = PICTURES.get(guessed.mime) if guessed else None
    if kind is None:
        raise _refusal(OTHER)
    return kind


def agrees(name: str, kind: FileKind) -> bool:
    return name.lower().endswith(kind.endings)


def word_for(content_type: str) -> str:
    kind = BY_CONTENT_TYPE.get(content_type)
    return kind.word if kind else "file"


def _refusal(message: str) -> ValidationError:
    return ValidationError(message, code="file")


def _pdf(file: BinaryIO) -> FileKind:
    """One that ends as a PDF does, and that opens without a password."""
    tail = b""
    is_locked = False
    for piece in _pieces(file):
        joined = tail[-1100:] + piece
        is_locked = is_locked or re.search(rb"/Encrypt[\s<\d]", joined) is not None
        tail = joined
    if b"%%EOF" not in tail[-1100:]:
        raise _refusal(BROKEN)
    if is_locked:
        raise _refusal(LOCKED)
    return PDF


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(PIECE):
        yield piece


# Office


def _archive(file: BinaryIO, size: int) -> FileKind:
    try:
        _refuse_long_list(file, size)
        with zipfile.ZipFile(file) as archive:
            return _office(archive)
    except ValidationError:
        raise
    except BREAKS:
        raise _refusal(BROKEN) from None


def _refuse_long_list(file: BinaryIO, size: int) -> None:
    """Before the list of parts is read: it alone could fill the memory."""
    length = min(size, 66_000)
    file.seek(size - length)
    end = file.read(length)
    at = end.rfind(b"PK\x05\x06")
    if at < 0:
        raise _refusal(BROKEN)
    parts, length_of_list = struct.unpack("<HL", end[at + 10 : at + 16])
    has_second_list = end[max(at - 20, 0) : at].startswith(b"PK\x06\x07")  # of archives beyond 4 GB, and of traps
    if parts > MOST_PARTS or length_of_list > MOST_OF_PART or has_second_list:
        raise _refusal(TOO_MUCH)


def _office(archive: zipfile.ZipFile) -> FileKind:
    parts = archive.infolist()
    names = [f"/{part.filename}".replace("\\", "/").lower() for part in parts]
    if any(part.flag_bits & 1 for part in parts):
        raise _refusal(LOCKED)
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise _refusal(TOO_MUCH)
    if len(set(names)) < len(names):
        raise _refusal(BROKEN)  # two parts of one name: readers would not agree on what the file says
    if any(word in name for word in MACRO_PARTS for name in names):
        raise _refusal(MACROS)
    if "/[content_types].xml" in names:
        return _open_xml(archive)
    if parts and parts[0].filename == "mimetype":
        return _open_document(archive, names)
    raise _refusal(OTHER)


def _open_xml(archive: zipfile.ZipFile) -> FileKind:
    """By the part that says what each part is."""
    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    types = _read(archive, "[Content_Types].xml")
    if any(word in types.lower() for word in MACRO_TYPES):
        raise _refusal(MACROS)
    try:
        found = [element.get("ContentType", "") for element in fromstring(types) if element.tag.endswith("Override")]
    except (ParseError, DefusedXmlException):
        raise _refusal(BROKEN) from None
    kinds = {BY_MAIN_PART[said] for said in found if said in BY_MAIN_PART}
    if len(kinds) != 1:
        raise _refusal(OTHER)
    return kinds.pop()


def _open_document(archive: zipfile.ZipFile, names: list[str]) -> FileKind:
    kind = BY_MIMETYPE.get(_read(archive, "mimetype").decode("ascii", "replace").strip())
    if kind is None:
        raise _refusal(OTHER)
    if b"encryption-data" in _read(archive, "META-INF/manifest.xml"):
        raise _refusal(LOCKED)
    if any(_is_macro(name) for name in names):
        raise _refusal(MACROS)
    return kind


def _is_macro(name: str) -> bool:
    """Lists of libraries stand in documents without macros too."""
    is_module = name.startswith(("/basic/", "/scripts/")) and not name.endswith("/")
    return is_module and not name.endswith(LISTS_OF_LIBRARIES)


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    """One part, and no more of it than such a part can hold."""
    with archive.open(name) as part:
        content = part.read(MOST_OF_PART + 1)
    if len(content) > MOST_OF_PART:
        raise _refusal(TOO_MUCH)
    return content
