"""What backs a report: links and files, given with it or added later, and found again.

A file lies in `STORAGES["evidence"]` under a random name, never the given one. It is written before the row that names it; a
row that cannot be written takes its file with it, and what a stopped process leaves is found by `unnamed_files`. Several
rows may name one file: it goes when the last of them does, and is withheld or erased for all of them at once.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from hashlib import sha256
from secrets import token_hex
from typing import BinaryIO, NamedTuple

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import File
from django.db import transaction

from common.dates import in_words, london_day
from common.text import text_problem
from people.models import User
from workstrands import reporting, scanning
from workstrands.backing import is_erased, withheld_in_words, without_given_again
from workstrands.file_kinds import MB, TAKEN_IN_WORDS, FileKind, agrees, kind_of
from workstrands.files_kept import why_no_room
from workstrands.illustration import refuse_real
from workstrands.models import Action, Evidence, ProgressUpdate
from workstrands.scanning import Outcome
from workstrands.status import EvidenceKind

FOLDER = "evidence"
LONGEST_NAME = 200
KEY = re.compile(r"[0-9a-f]{32}")
LEFT_ALONE = timedelta(hours=1)  # an upload that is under way has its file before its row


# Rules


def clean_name(given: str) -> str:
    """The name of a file as it may be shown and given out: no folders, nothing that cannot be seen, 200 characters."""
    name = unicodedata.normalize("NFC", given.replace("\\", "/").rpartition("/")[2])
    seen = "".join(" " if unicodedata.category(each) in ("Zs", "Zl", "Zp") else each for each in name)
    seen = "".join(each for each in seen if not unicodedata.category(each).startswith("C"))
    name = " ".join(seen.split()).strip(". ")
    stem, dot, ending = name.rpartition(".")
    if dot and len(name) > LONGEST_NAME:
        return f"{stem[: LONGEST_NAME - len(ending) - 1].rstrip('. ')}.{ending}"[:LONGEST_NAME]
    return name[:LONGEST_NAME]


def size_in_words(size: int) -> str:
    return f"{size / MB:.1f} MB" if size >= MB else f"{max(1, round(size / 1024))} KB"


def most_in_words() -> str:
    return f"{settings.EVIDENCE_MAX_BYTES / MB:.3g} MB"


def file_hint() -> str:
    return f"{TAKEN_IN_WORDS}: {most_in_words()} at most. " + (
        "It is scanned for viruses." if scanning.is_set_up() else "Files are not scanned for viruses here."
    )


def dated_problem(dated_on: date | None, *, on: date) -> str | None:
    if dated_on is None or dated_on <= on:
        return None
    return f"Give a day that has come: {in_words(dated_on)} is still ahead."


class Checked(NamedTuple):
    """A file that may be kept, with what was found of it."""

    file: BinaryIO
    name: str
    kind: FileKind
    sha256: str
    size: int


def check_file(upload) -> Checked:
    """`upload` is an uploaded file. `ValidationError` says what is wrong with it, and what to do."""
    size, most = upload.size, settings.EVIDENCE_MAX_BYTES
    if not size:
        raise ValidationError("The file is empty. Choose another.", code="file")
    if size > most:
        raise ValidationError(
            f"The file has {size_in_words(size)}. The most is {most_in_words()}: make it smaller, or give its web address.",
            code="file",
        )
    name, kind = clean_name(upload.name or ""), kind_of(upload, size)
    if not agrees(name, kind):
        raise ValidationError(
            f"By its content the file is a {kind.word}, and its name does not end in {' or '.join(kind.endings)}."
            " Save it anew under a name that fits.",
            code="file",
        )
    return Checked(upload, name, kind, _digest(upload), size)


def _digest(file: BinaryIO) -> str:
    file.seek(0)
    digest = sha256()
    while piece := file.read(64 * 1024):
        digest.update(piece)
    return digest.hexdigest()


# Reading


def key_of(piece: Evidence) -> str:
    """How the address of a file names it: the random name under which it lies."""
    return key_of_name(piece.file.name)


def key_of_name(name: str | None) -> str:
    return (name or "").rpartition("/")[2]


def with_key(pieces, key: str):
    """Of the pieces (a queryset) those with this file; none for what is no key."""
    return pieces.filter(file=f"{FOLDER}/{key}") if KEY.fullmatch(key) else pieces.none()


def storage():
    return Evidence._meta.get_field("file").storage


def why_not_added(action: Action, on: date) -> str:
    """Why nothing more can be added to the reports of an action, as a sentence; empty when it can."""
    closed = reporting.closed_because(action.strategy, action.retired_on, on)
    return closed.replace("no longer reported on", "no longer added to")


# Writing


def attach_link(
    update: ProgressUpdate, *, title: str, kind: str, url: str, by: User, at: datetime, dated_on: date | None = None
) -> Evidence:
    """A link more for a report. The same address under the same title is kept once."""
    piece = _piece(update, title=title, kind=kind, url=url.strip(), dated_on=dated_on, by=by, at=at)
    _refuse(piece, by=by, at=at)
    if not piece.url:
        raise ValidationError({"url": "Give the web address."})
    with transaction.atomic():
        there = _there(piece, _held(update).filter(url=piece.url, title=piece.title), field="url")
        return there or write_piece(piece, by=by, at=at)


def attach_file(
    update: ProgressUpdate, upload, *, title: str, kind: str, by: User, at: datetime, dated_on: date | None = None
) -> Evidence:
    """A file more for a report: checked, scanned, stored, named by a row. The same file on the same report is kept once."""
    piece = _piece(update, title=title, kind=kind, dated_on=dated_on, by=by, at=at)
    _refuse(piece, by=by, at=at)
    _refuse_without_room(update.action, {0: ("file", upload)})
    checked, scan = _examined(upload, "file", update.action)
    with _stored(checked) as name, transaction.atomic():
        there = _there(piece, _held(update).filter(sha256=checked.sha256), field="file")
        if there:
            storage().delete(name)
            return there
        return write_piece(_with_file(piece, checked, name, scan), by=by, at=at)


def report_with_files(
    action: Action, *, files: dict[int, tuple[str, object]], by: User, at: datetime, **report
) -> ProgressUpdate:
    """A report with the files of its evidence, or neither.

    `files` are by the place of their piece in `report["evidence"]`, each with the field that messages about it belong to.
    """
    given = list(report.pop("evidence", ()))
    if not files:
        return reporting.report_progress(action, by=by, at=at, evidence=given, **report)
    _refuse_without_room(action, files)
    examined = {place: _examined(upload, field, action) for place, (field, upload) in files.items()}
    names = {}
    try:
        for place, (checked, _) in examined.items():
            names[place] = _write(checked)
        with transaction.atomic():
            update = reporting.report_progress(action, by=by, at=at, evidence=given, **report)
            taken = _name_files(update, given, examined, names, by=by, at=at)
    except BaseException:
        _remove(names.values())
        raise
    _remove(name for place, name in names.items() if place not in taken)
    return update


def mark_infected(piece: Evidence, *, at: datetime, by: User | None = None) -> Evidence:
    """A virus was found in a file that is kept already: it is given out no more, and its row says so."""
    if not piece.file:
        raise ValidationError("Only a file can have a virus.")
    piece.scan = Evidence.Scan.INFECTED
    return write_piece(piece, by=by, at=at)


def scan_again(piece: Evidence, *, at: datetime) -> str:
    """What the scanner says now of a file that is kept: an infected one is withheld, after a false alarm given out again."""
    with storage().open(piece.file.name) as file:
        verdict = scanning.scan(file)
    if verdict.outcome == Outcome.INFECTED and piece.scan != Evidence.Scan.INFECTED:
        mark_infected(piece, at=at)
    elif verdict.outcome == Outcome.CLEAN and piece.scan != Evidence.Scan.CLEAN:
        piece.scan = Evidence.Scan.CLEAN
        write_piece(piece, by=None, at=at)
    return verdict.outcome


def _piece(update: ProgressUpdate, *, by: User, at: datetime, title: str, **said) -> Evidence:
    is_illustrative = update.is_illustrative or by.is_illustrative
    return Evidence(
        update=update, title=title.strip(), added_at=at, added_by=by, is_illustrative=is_illustrative, **said
    )


def _refuse(piece: Evidence, *, by: User, at: datetime) -> None:
    """Every message at once, by field."""
    action, on = piece.update.action, london_day(at)
    closed = why_not_added(action, on)
    if closed:
        raise ValidationError(closed, code="closed")
    if by.is_illustrative:
        refuse_real(by, *reporting.leads_of(action, at)[:1], piece.update.on_behalf_of, what=f"Action {action.ref}")
    messages = {
        "title": text_problem(piece.title, name="The title", limit=200) or (not piece.title and "Give it a title."),
        "kind": piece.kind not in EvidenceKind.values and "Choose the kind of evidence.",
        "dated_on": dated_problem(piece.dated_on, on=on),
    }
    found = {field: message for field, message in messages.items() if message}
    if found:
        raise ValidationError(found)


def _examined(upload, field: str, action: Action) -> tuple[Checked, str]:
    """Checked and scanned; outside any transaction, since a scan takes its time."""
    try:
        checked = check_file(upload)
        _refuse_taken_back(checked, action)
        verdict = scanning.scan(upload)
        if verdict.outcome == Outcome.INFECTED:
            found = f" ({verdict.reason})" if verdict.reason else ""
            raise ValidationError(f"A virus was found in the file{found}. It was not kept.", code="file")
    except ValidationError as error:
        raise ValidationError({field: error.messages}) from None
    is_clean = verdict.outcome == Outcome.CLEAN
    return checked, Evidence.Scan.CLEAN if is_clean else Evidence.Scan.NOT_SCANNED


def _refuse_without_room(action: Action, files: dict[int, tuple[str, object]]) -> None:
    """All of them together, told beside the first."""
    problem = why_no_room(action.area, sum(upload.size for _, upload in files.values()), files=len(files))
    if problem:
        raise ValidationError({next(iter(files.values()))[0]: problem})


def _held(update: ProgressUpdate):
    """Its pieces, with the report held, so that two at once do not both find nothing."""
    ProgressUpdate.objects.select_for_update(of=("self",)).filter(pk=update.pk).first()
    return update.evidence.all()


def _refuse_taken_back(checked: Checked, action: Action) -> None:
    """A file that was withheld does not come back to its action, nor one that was erased anywhere in the area."""
    same = Evidence.objects.filter(sha256=checked.sha256, update__area=action.area_id).select_related(
        "update", "withheld_by"
    )
    for piece in without_given_again(same):
        if piece.withheld_at and (is_erased(piece) or piece.update.action_id == action.pk):
            raise ValidationError(_taken_back(piece), code="file")


def _taken_back(piece: Evidence) -> str:
    said = f"The same {'file' if piece.file else 'web address'} was {withheld_in_words(piece)}"
    return said if is_erased(piece) else f"{said} An officer can give it out again."


def _there(piece: Evidence, same: Iterable[Evidence], *, field: str) -> Evidence | None:
    """The piece of the report that is the same; refused where an officer withheld it."""
    there = next(iter(without_given_again(same)), None)
    if there and there.withheld_at:
        raise ValidationError({field: _taken_back(there)})
    return there


def _with_file(piece: Evidence, checked: Checked, name: str, scan: str) -> Evidence:
    piece.file = name
    piece.file_name, piece.content_type = checked.name, checked.kind.content_type
    piece.sha256, piece.size, piece.scan = checked.sha256, checked.size, scan
    return piece


def write_piece(piece: Evidence, *, by: User | None, at: datetime, reason: str = "") -> Evidence:
    """With whoever did it, when and what it was, in its history."""
    piece._history_user, piece._history_date = by, at
    piece._change_reason = reason or None
    piece.full_clean(exclude=["update", "added_by", "withheld_by", "file"])
    piece.save()
    return piece


def _name_files(update, given, examined, names, *, by, at) -> set[int]:
    """Give each file to the piece of the report that was typed beside it. A report sent twice has its files already."""
    free = [piece for piece in _held(update).order_by("pk") if not piece.file]
    held = set(update.evidence.exclude(sha256="").values_list("sha256", flat=True))
    taken = set()
    for place, (checked, scan) in examined.items():
        title, kind, url = (part.strip() for part in given[place])
        piece = next((each for each in free if (each.title, each.kind, each.url) == (title, kind, url)), None)
        if piece is None or checked.sha256 in held:
            continue
        free.remove(piece)
        held.add(checked.sha256)
        write_piece(_with_file(piece, checked, names[place], scan), by=by, at=at)
        taken.add(place)
    return taken


# Files


@contextmanager
def _stored(checked: Checked) -> Iterator[str]:
    """The name under which the file lies; gone again where what follows fails."""
    name = _write(checked)
    try:
        yield name
    except BaseException:
        _remove([name])
        raise


def _write(checked: Checked) -> str:
    """Whole, or not at all: a disk that fills up leaves no part of it behind."""
    checked.file.seek(0)
    name = f"{FOLDER}/{token_hex(16)}"
    try:
        return storage().save(name, File(checked.file))
    except OSError:
        storage().delete(name)
        raise


def _remove(names: Iterable[str]) -> None:
    for name in list(names):
        storage().delete(name)


def remove_unnamed(name: str) -> None:
    """The file of a row that is gone or erased, unless another row names it."""
    if name and not kept_rows().filter(file=name).exists():
        storage().delete(name)


def kept_rows():
    """The rows whose file is to be there: one without a size was erased."""
    return Evidence.objects.exclude(file="").exclude(size=None)


def unnamed_files(now: datetime) -> list[str]:
    """The files that no row names, but for those that may be on their way in."""
    try:
        _, names = storage().listdir(FOLDER)
    except FileNotFoundError:
        return []
    named = set(kept_rows().values_list("file", flat=True))
    found = [name for name in (f"{FOLDER}/{name}" for name in names) if name not in named]
    return sorted(name for name in found if now - storage().get_modified_time(name) > LEFT_ALONE)


def missing_files() -> list[Evidence]:
    """The rows whose file is not where it was put."""
    rows = kept_rows().select_related("update__action").order_by("pk")
    return [piece for piece in rows if not storage().exists(piece.file.name)]
