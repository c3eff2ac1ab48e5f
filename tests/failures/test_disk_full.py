"""A disk that is full while evidence is uploaded: said plainly, and nothing is half-saved.

The same for a backup is in tests/board/safekeeping.
"""

import resource
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.world import BACKEND, at, build_world
from workstrands.evidence import unnamed_files
from workstrands.models import Evidence, ProgressUpdate

MB = 1024 * 1024
IN_MEMORY, THROUGH_A_FILE = 2 * MB, 3 * MB  # Django puts what has more than 2.5 MB into a file while it comes
WORDS = "Two schools have joined; the rest follow in May."
REST = dict.fromkeys(["next_steps", "cause", "ask", "impact", "evidence_1_url"], "")


@contextmanager
def room_for(size: int):
    """No file of this process may grow beyond `size`: the same error as a quota or a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def lead(db, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(2026, 3, 10))
    world = build_world()
    browser = Client(raise_request_exception=False)
    browser.force_login(world.people["lead"], backend=BACKEND)
    return world, browser


def report(size: int) -> dict:
    file = SimpleUploadedFile("closing.pdf", b"%PDF-1.4\n" + bytes(size) + b"\n%%EOF\n", "application/pdf")
    return {**REST, "seen_number": 1, "status": "B", "narrative": WORDS, "evidence_1_title": "Closing report",
            "evidence_1_kind": "document", "evidence_1_file": file}  # fmt: skip


@pytest.mark.parametrize("size", [IN_MEMORY, THROUGH_A_FILE])
def test_a_report_whose_file_finds_no_room_is_not_saved_and_says_so(lead, files_apart, size):
    world, browser = lead
    before = ProgressUpdate.objects.count()

    with room_for(MB):
        response = browser.post(world.address("workstrands:update"), report(size))

    assert response.status_code == 503
    assert "There is no room left on the server" in response.text
    assert (ProgressUpdate.objects.count(), Evidence.objects.count()) == (before, 0)
    left = {f"evidence/{path.name}" for path in (files_apart / "evidence").glob("*")}
    assert left == set(unnamed_files(at(2026, 3, 10) + timedelta(days=4000)))  # what is left is known to be nobody's

    response = browser.post(world.address("workstrands:update"), report(size), follow=True)
    assert response.status_code == 200
    assert (ProgressUpdate.objects.count(), Evidence.objects.count()) == (before + 1, 1)


def test_what_was_typed_beside_a_file_that_found_no_room_is_on_the_page(lead):
    world, browser = lead
    with room_for(MB):
        page = browser.post(world.address("workstrands:update"), report(IN_MEMORY)).text

    assert WORDS in page
    assert "Choose the file again: closing.pdf" in page
