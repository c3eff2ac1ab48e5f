"""What backs a report: which files are taken, under which name they are kept, and that nothing is half kept."""

import io
import struct
import zipfile
import zlib
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command

from board.demonstration.removal import remove
from people.models import User
from tests.world import A_PDF, World, a_file_of_evidence, at, build_world
from workstrands import evidence, scanning
from workstrands.evidence import attach_file, attach_link, check_file, clean_name, report_with_files
from workstrands.models import Evidence, Placement, ProgressUpdate
from workstrands.reporting import Conflict
from workstrands.scanning import Outcome, Verdict
from workstrands.standing import standings

MB = 1024 * 1024
WORD_MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
EXCEL_MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
SLIDES_MAIN = "application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml"
ODF_TEXT = "application/vnd.oasis.opendocument.text"


@pytest.fixture
def world(db) -> World:
    return build_world()


@pytest.fixture
def update(world) -> ProgressUpdate:
    return world.action.updates.get(number=1)


def archive(parts: dict[str, bytes | str], compression=zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as made:
        for name, content in parts.items():
            made.writestr(name, content)
    return out.getvalue()


def types(*main: str) -> str:
    parts = "".join(f'<Override PartName="/part{n}.xml" ContentType="{each}"/>' for n, each in enumerate(main))
    return f'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">{parts}</Types>'


def office(main: str = WORD_MAIN, **more: str) -> bytes:
    return archive({"[Content_Types].xml": types(main), "word/document.xml": "<w/>", **more})


def open_document(kind: str = ODF_TEXT, manifest: str = "<manifest/>", **more: str) -> bytes:
    return archive({"mimetype": kind, "META-INF/manifest.xml": manifest, "content.xml": "<text/>", **more})


def png() -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0\0")) + chunk(b"IEND", b"")


JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00\xff\xd9"
WEBP = b"RIFF\x1a\x00\x00\x00WEBPVP8L\x0d\x00\x00\x00/\x00\x00\x00\x10\x07\x10\x11\x11\x88\x88\xfe\x07\x00"


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="application/pdf")


def refusal(name: str, content: bytes) -> str:
    with pytest.raises(ValidationError) as refused:
        check_file(upload(name, content))
    return " ".join(refused.value.messages)


def stored(files) -> list[str]:
    return sorted(path.name for path in (files / "evidence").iterdir()) if (files / "evidence").exists() else []


# Which files


@pytest.mark.parametrize(
    ("name", "content", "content_type"),
    [
        ("a.pdf", A_PDF, "application/pdf"),
        ("A.PDF", A_PDF, "application/pdf"),
        ("a.docx", office(), WORD_MAIN.removesuffix(".main+xml")),
        ("a.xlsx", office(EXCEL_MAIN), EXCEL_MAIN.removesuffix(".main+xml")),
        ("a.pptx", office(SLIDES_MAIN), SLIDES_MAIN.removesuffix(".main+xml")),
        ("a.odt", open_document(), ODF_TEXT),
        ("a.jpeg", JPEG, "image/jpeg"),
        ("a.jpg", JPEG, "image/jpeg"),
        ("a.png", png(), "image/png"),
        ("a.webp", WEBP, "image/webp"),
    ],
)
def test_a_file_is_taken_for_what_its_content_is(name, content, content_type):
    assert check_file(upload(name, content)).kind.content_type == content_type


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'),
        ("a.html", b"<!doctype html><script>alert(1)</script>"),
        ("a.pdf", b"<!doctype html><script>alert(1)</script>" + A_PDF),  # a page first, and a PDF behind it
        ("a.pdf", b"MZ\x90\x00 a programme"),
        ("a.docx", archive({"readme.txt": "an archive of anything"})),
        ("a.docx", archive({"[Content_Types].xml": types("application/xml")})),
        ("a.docx", archive({"[Content_Types].xml": types(WORD_MAIN, EXCEL_MAIN)})),
        ("a.csv", b"a,b\n1,2\n"),
        ("a.heic", b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"),
        ("a.gif", b"GIF89a\x01\x00\x01\x00"),
        ("a.odt", open_document("application/vnd.oasis.opendocument.database")),
    ],
)
def test_what_is_none_of_the_kinds_is_refused_whatever_its_name_says(name, content):
    assert "This kind of file is not taken" in refusal(name, content)


@pytest.mark.parametrize(
    ("name", "content", "word"),
    [
        ("minutes.pdf", png(), "PNG picture"),
        ("minutes.docx", A_PDF, "PDF"),
        ("minutes.xlsx", office(), "Word document"),
        ("minutes.pdf.exe", A_PDF, "PDF"),
        ("minutes", A_PDF, "PDF"),
        ("minutes\u202efdp.exe", A_PDF, "PDF"),  # shown backwards, this ends in .pdf
    ],
)
def test_a_name_that_says_another_kind_than_the_content_is_refused(name, content, word):
    assert f"By its content the file is a {word}" in refusal(name, content)


@pytest.mark.parametrize(
    "content",
    [
        office(**{"word/vbaProject.bin": "macro"}),
        office(**{"WORD\\VBAPROJECT.BIN": "macro"}),
        office(WORD_MAIN.replace("document.main", "document.macroEnabled.main")),
        archive({"[Content_Types].xml": types(WORD_MAIN, "application/vnd.ms-office.vbaProject")}),
        office(EXCEL_MAIN, **{"xl/macrosheets/sheet1.xml": "<m/>"}),
        open_document(**{"Basic/Standard/Module1.xml": "<module/>"}),
        open_document(**{"Scripts/python/run.py": "import os"}),
    ],
)
def test_macros_are_refused_with_what_to_do(content):
    assert "holds macros" in refusal("plan.docx", content)


def test_a_document_with_an_empty_list_of_libraries_has_no_macros():
    assert check_file(upload("a.odt", open_document(**{"Basic/script-lc.xml": "<libraries/>"})))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.docx", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600),
        ("a.pdf", A_PDF.replace(b"/Root 1 0 R", b"/Root 1 0 R /Encrypt 2 0 R")),
        ("a.odt", open_document(manifest="<manifest><encryption-data/></manifest>")),
    ],
)
def test_what_others_could_not_open_is_refused(name, content):
    assert "protected by a password" in refusal(name, content)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", A_PDF[:40]),
        ("a.docx", office()[:-30]),
        ("a.docx", b"PK\x03\x04" + b"\xff" * 200),
        ("a.docx", archive({"[Content_Types].xml": "<Types"})),
        ("a.docx", archive({"[Content_Types].xml": '<!DOCTYPE a [<!ENTITY b "c">]><Types>&b;</Types>'})),
        ("a.odt", archive({"mimetype": ODF_TEXT})),
    ],
)
def test_a_broken_file_is_refused_plainly(name, content):
    assert "broken" in refusal(name, content)


def test_a_document_that_unpacks_to_gigabytes_is_refused_without_unpacking_it():
    bomb = archive({"[Content_Types].xml": types(WORD_MAIN), "word/document.xml": b"\0" * (64 * MB)})
    size = struct.pack("<L", 64 * MB)
    assert bomb.count(size) >= 1
    assert "unpacks to far more" in refusal("bomb.docx", bomb.replace(size, struct.pack("<L", 2_000 * MB)))


def test_the_part_that_says_what_a_document_is_is_not_read_without_end():
    assert "unpacks to far more" in refusal("a.docx", archive({"[Content_Types].xml": b" " * (8 * MB)}))


def test_an_archive_of_very_many_parts_is_refused_before_its_list_is_read():
    many = archive({f"{n}": b"" for n in range(6_000)}, zipfile.ZIP_STORED)
    assert "unpacks to far more" in refusal("a.docx", many)


def test_an_archive_with_a_second_longer_list_is_refused():
    made = office()
    at_end = made.rfind(b"PK\x05\x06")
    trap = made[:at_end] + b"PK\x06\x07" + b"\0" * 16 + made[at_end:]
    assert "unpacks to far more" in refusal("a.docx", trap)


def test_an_empty_file_is_refused():
    assert "is empty" in refusal("a.pdf", b"")


def test_a_file_beyond_the_bound_is_refused_with_its_size_and_the_bound():
    said = refusal("a.pdf", b"%PDF-" + b"0" * (21 * MB))
    assert "The file has 21.0 MB. The most is 20 MB" in said


def test_the_bound_is_a_setting(settings):
    settings.EVIDENCE_MAX_BYTES = 50
    assert "The most is" in refusal("a.pdf", A_PDF)


# Under which name


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\lead\\report.pdf", "report.pdf"),
        ("report.pdf\r\nSet-Cookie: a=b.pdf", "report.pdfSet-Cookie: a=b.pdf"),
        ("re\x00port\x1b.pdf", "report.pdf"),
        ("re\u202eport\u200b.pdf", "report.pdf"),
        ("  Rapport\u00a0d’été  2026 .pdf", "Rapport d’été 2026 .pdf"),
        ("報告書.pdf", "報告書.pdf"),
        ("..", ""),
        ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
    ],
)
def test_a_name_is_kept_without_folders_or_what_cannot_be_seen(given, kept):
    assert clean_name(given) == kept
    assert len(clean_name(given)) <= 200


# Keeping it


def test_a_file_is_kept_under_a_name_that_nobody_gave(world, files_apart):
    piece = a_file_of_evidence(world, name="../../secret names.pdf")

    [name] = stored(files_apart)
    assert piece.file.name == f"evidence/{name}"
    assert len(name) == 32
    assert "secret" not in name
    assert piece.file_name == "secret names.pdf"
    assert piece.content_type == "application/pdf"
    assert (piece.size, piece.scan) == (len(A_PDF), "not_scanned")
    assert piece.added_by == world.people["lead"]
    assert (files_apart / "evidence" / name).read_bytes() == A_PDF
    assert (files_apart / "evidence" / name).stat().st_mode & 0o777 == 0o600


def test_the_same_file_on_the_same_update_is_kept_once(world, files_apart):
    first = a_file_of_evidence(world)
    second = a_file_of_evidence(world, name="again.pdf")

    assert first == second
    assert stored(files_apart) == [evidence.key_of(first)]


def test_the_same_link_on_the_same_update_is_kept_once(world, update):
    said = {
        "title": "Pathway",
        "kind": "document",
        "url": "https://www.example.org/pathway",
        "by": world.people["officer"],
    }
    assert attach_link(update, at=at(2026, 2, 20), **said) == attach_link(update, at=at(2026, 2, 21), **said)
    assert Evidence.objects.count() == 1


def test_what_a_piece_lacks_is_said_at_once_and_nothing_is_kept(world, update, files_apart):
    with pytest.raises(ValidationError) as refused:
        attach_file(update, upload("a.pdf", A_PDF), title=" ", kind="rumour", dated_on=date(2026, 2, 21),
                    by=world.people["lead"], at=at(2026, 2, 20))  # fmt: skip

    assert refused.value.message_dict == {
        "title": ["Give it a title."],
        "kind": ["Choose the kind of evidence."],
        "dated_on": ["Give a day that has come: 21 February 2026 is still ahead."],
    }
    assert stored(files_apart) == []


def test_a_row_that_cannot_be_written_takes_its_file_with_it(world, files_apart, monkeypatch):
    def refuse(*args, **kwargs):
        raise RuntimeError("the database went away")

    monkeypatch.setattr(Evidence, "save", refuse)
    with pytest.raises(RuntimeError):
        a_file_of_evidence(world)

    assert stored(files_apart) == []


def test_nothing_is_added_to_an_action_of_an_ended_plan(world, update):
    with pytest.raises(ValidationError, match="This plan ended on 31 December 2030"):
        attach_link(update, title="Pathway", kind="document", url="https://www.example.org/", by=world.people["officer"],
                    at=at(2031, 1, 5))  # fmt: skip


def report(world: World, files: dict, **said):
    said = {"status": "B", "seen_number": 1, "evidence": [("Closing report", "document", "")], **said}
    return report_with_files(world.action, files=files, by=world.people["lead"], at=at(2026, 3, 10), **said)


def test_a_report_comes_with_its_file_and_counts_as_complete(world, files_apart):
    update = report(world, {0: ("evidence_1_file", upload("closing.pdf", A_PDF))})

    [piece] = update.evidence.all()
    assert (piece.title, piece.file_name, piece.added_at) == ("Closing report", "closing.pdf", None)
    assert stored(files_apart) == [evidence.key_of(piece)]


def test_a_report_sent_twice_keeps_its_file_once(world, files_apart):
    for _ in range(2):
        update = report(world, {0: ("evidence_1_file", upload("closing.pdf", A_PDF))})

    assert update.number == 2
    assert stored(files_apart) == [evidence.key_of(update.evidence.get())]


def test_a_report_that_is_refused_keeps_no_file(world, files_apart):
    file = {0: ("evidence_1_file", upload("closing.pdf", A_PDF))}
    with pytest.raises(Conflict):
        report(world, file, seen_number=7)
    with pytest.raises(ValidationError):
        report(world, file, status="R")

    assert stored(files_apart) == []
    assert Evidence.objects.count() == 0


def test_a_report_whose_file_is_refused_is_not_written(world, files_apart):
    with pytest.raises(ValidationError) as refused:
        report(world, {0: ("evidence_2_file", upload("closing.pdf", b"<html>"))})

    assert list(refused.value.message_dict) == ["evidence_2_file"]
    assert world.action.updates.count() == 1


# As at a day


def test_evidence_counts_towards_complete_and_embedded_from_the_day_it_was_added(world):
    ProgressUpdate.objects.create(action=world.action, area=world.area, number=2, recorded_at=at(2026, 3, 1), status="B",
                                  impact="sustained")  # fmt: skip
    second = world.action.updates.get(number=2)
    attach_link(second, title="What parents said", kind="lived_experience", url="https://www.example.org/",
                by=world.people["lead"], at=at(2026, 4, 1))  # fmt: skip

    [before], [after] = (standings(world.strategy, moment) for moment in (at(2026, 3, 20), at(2026, 4, 2)))

    assert before.said.evidence_kinds == frozenset()
    assert after.said.evidence_kinds == {"lived_experience"}


# The scanner


def infected(path: str) -> Verdict:
    return Verdict(Outcome.INFECTED, "Eicar-Test-Signature")


def clean(path: str) -> Verdict:
    with open(path, "rb") as file:
        assert file.read() == A_PDF
    return Verdict(Outcome.CLEAN)


def fails(path: str) -> Verdict:
    raise OSError("no socket")


def test_an_infected_file_is_refused_and_not_kept(world, files_apart, settings):
    settings.VIRUS_SCANNER = f"{__name__}.infected"

    with pytest.raises(
        ValidationError, match=r"A virus was found in the file \(Eicar-Test-Signature\)\. It was not kept\."
    ):
        a_file_of_evidence(world)

    assert stored(files_apart) == []
    assert Evidence.objects.count() == 0


@pytest.mark.parametrize(("scanner", "scan"), [("clean", "clean"), ("fails", "not_scanned")])
def test_a_file_says_whether_it_was_scanned(world, settings, scanner, scan):
    settings.VIRUS_SCANNER = f"{__name__}.{scanner}"

    assert a_file_of_evidence(world).scan == scan


def script(tmp_path, exit_code: int, says: str = "") -> str:
    path = tmp_path / f"scanner {exit_code}"
    path.write_text(f'#!/bin/sh\nprintf "$1: {says}"\nexit {exit_code}\n')
    path.chmod(0o700)
    return f'"{path}"'


@pytest.mark.parametrize(
    ("exit_code", "outcome"),
    [(0, Outcome.CLEAN), (1, Outcome.INFECTED), (2, Outcome.NOT_AVAILABLE), (50, Outcome.NOT_AVAILABLE)],
)
def test_a_command_answers_by_its_exit_code(tmp_path, settings, exit_code, outcome):
    settings.VIRUS_SCANNER_COMMAND = script(tmp_path, exit_code, "Eicar FOUND")

    assert scanning.scan(io.BytesIO(A_PDF)) == Verdict(outcome, "Eicar FOUND")


def test_a_command_that_is_not_there_or_takes_too_long_has_not_scanned(tmp_path, settings):
    settings.VIRUS_SCANNER_COMMAND = str(tmp_path / "nothing here")
    assert scanning.scan(io.BytesIO(A_PDF)).outcome == Outcome.NOT_AVAILABLE

    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nexec sleep 5\n")
    slow.chmod(0o700)
    settings.VIRUS_SCANNER_COMMAND, settings.VIRUS_SCANNER_SECONDS = str(slow), 0.1
    assert scanning.scan(io.BytesIO(A_PDF)).outcome == Outcome.NOT_AVAILABLE


def test_no_shell_reads_the_command(tmp_path, settings):
    settings.VIRUS_SCANNER_COMMAND = f"true ; touch {tmp_path / 'touched'} #"
    scanning.scan(io.BytesIO(A_PDF))

    assert not (tmp_path / "touched").exists()


def test_without_a_scanner_nothing_is_scanned_and_the_form_says_so(settings):
    assert scanning.scan(io.BytesIO(A_PDF)).outcome == Outcome.NOT_AVAILABLE
    assert "not scanned for viruses here" in evidence.file_hint()


# Tidying


def run(*args) -> str:
    out = io.StringIO()
    call_command("tidy_files", *args, stdout=out)
    return out.getvalue()


def test_files_that_no_row_names_are_listed_and_removed_when_told_to(world, files_apart, monkeypatch):
    kept = a_file_of_evidence(world)
    (files_apart / "evidence" / ("0" * 32)).write_bytes(b"left behind")
    assert "0 files that no row names." in run()  # one that came in just now may be on its way

    monkeypatch.setattr(evidence, "LEFT_ALONE", -evidence.LEFT_ALONE)
    assert f"No row names evidence/{'0' * 32}" in run()
    assert "1 file that no row names, removed." in run("--remove")
    assert stored(files_apart) == [evidence.key_of(kept)]


def test_a_row_whose_file_is_gone_is_listed(world, files_apart):
    piece = a_file_of_evidence(world)
    (files_apart / piece.file.name).unlink()

    assert f"Missing: {piece.file.name} (waiting-times.pdf, action 1.1)" in run("--scan")


def test_a_file_found_to_be_infected_later_is_withheld_and_its_history_says_when(world, settings):
    piece = a_file_of_evidence(world)
    settings.VIRUS_SCANNER = f"{__name__}.infected"

    assert "Withheld: waiting-times.pdf, action 1.1" in run("--scan")
    piece.refresh_from_db()
    assert piece.scan == "infected"
    assert piece.history.count() == 2

    settings.VIRUS_SCANNER = f"{__name__}.clean"  # a false alarm
    run("--scan")
    piece.refresh_from_db()
    assert piece.scan == "clean"


def test_a_scanner_set_up_later_says_of_the_files_there_that_they_are_clean(world, settings):
    piece = a_file_of_evidence(world)
    settings.VIRUS_SCANNER = f"{__name__}.clean"

    assert "1 file given to the scanner, 0 of them not scanned." in run("--scan")
    piece.refresh_from_db()
    assert piece.scan == "clean"


# The demonstration


@pytest.fixture
def made_up(world) -> User:
    return User.objects.create(email="made-up@example.test", is_illustrative=True)


def test_an_illustrative_sign_in_adds_nothing_to_the_report_of_a_real_lead(update, made_up, files_apart):
    with pytest.raises(ValidationError, match="acts for illustrative leads only"):
        attach_file(update, upload("b.png", png()), title="Made up", kind="data", by=made_up, at=at(2026, 2, 21))

    assert stored(files_apart) == []


def test_with_the_demonstration_go_its_pieces_and_their_files(
    world, update, made_up, files_apart, django_capture_on_commit_callbacks
):
    kept = a_file_of_evidence(world)
    Placement.objects.create(action=world.action, number=2, recorded_at=at(2026, 2, 21), objective=world.objective)
    attach_file(update, upload("b.png", png()), title="Made up", kind="data", by=made_up, at=at(2026, 2, 22))
    assert len(stored(files_apart)) == 2

    with django_capture_on_commit_callbacks(execute=True):
        remove()

    assert list(Evidence.objects.all()) == [kept]
    assert stored(files_apart) == [evidence.key_of(kept)]
