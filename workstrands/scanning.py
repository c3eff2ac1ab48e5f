"""The hook for a virus scanner: who runs the product names it, and none is shipped.

`VIRUS_SCANNER` is the dotted path of a function that takes the path of a file and answers with a `Verdict`;
`VIRUS_SCANNER_COMMAND` is a command that is given the path as its last argument and answers by its exit code, as clamscan and
clamdscan do: 0 clean, 1 infected, anything else not available. Without either no file is scanned, and every page says so.
"""

import logging
import shlex
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, NamedTuple

from django.conf import settings
from django.utils.module_loading import import_string

log = logging.getLogger(__name__)

CLEAN_EXIT, INFECTED_EXIT = 0, 1
LONGEST_REASON = 200


class Outcome(StrEnum):
    CLEAN = "clean"
    INFECTED = "infected"
    NOT_AVAILABLE = "not_available"


class Verdict(NamedTuple):
    outcome: Outcome
    reason: str = ""


NOT_SET_UP = Verdict(Outcome.NOT_AVAILABLE, "No virus scanner is set up.")


def is_set_up() -> bool:
    return bool(settings.VIRUS_SCANNER or settings.VIRUS_SCANNER_COMMAND)


def scan(file: BinaryIO) -> Verdict:
    """What the scanner says of a file. It never raises: a scanner that fails has not scanned, and the log says why."""
    if not is_set_up():
        return NOT_SET_UP
    try:
        with _on_disk(file) as path:
            verdict = _scanner()(path)
    except Exception:  # whatever somebody's scanner does
        log.exception("The virus scanner failed.")
        return Verdict(Outcome.NOT_AVAILABLE, "The virus scanner failed.")
    if verdict.outcome == Outcome.NOT_AVAILABLE:
        log.error("The virus scanner is not available: %s", verdict.reason)
    return verdict


def by_command(path: str) -> Verdict:
    """Run without a shell, for `VIRUS_SCANNER_SECONDS` at most."""
    ran = subprocess.run(
        [*shlex.split(settings.VIRUS_SCANNER_COMMAND), path],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=settings.VIRUS_SCANNER_SECONDS,
        check=False,
    )
    said = (ran.stdout or ran.stderr).decode("utf-8", "replace").replace(path, "").strip(" :\n")[:LONGEST_REASON]
    known = {CLEAN_EXIT: Outcome.CLEAN, INFECTED_EXIT: Outcome.INFECTED}
    return Verdict(known.get(ran.returncode, Outcome.NOT_AVAILABLE), said)


def _scanner():
    return import_string(settings.VIRUS_SCANNER) if settings.VIRUS_SCANNER else by_command


@contextmanager
def _on_disk(file: BinaryIO) -> Iterator[str]:
    """The path of the file: its own where it has one, else that of a copy which is gone afterwards."""
    name = getattr(file, "temporary_file_path", None)
    if name is not None:
        yield name()
        return
    file.seek(0)
    with tempfile.NamedTemporaryFile(prefix="evidence-") as copy:
        while piece := file.read(64 * 1024):
            copy.write(piece)
        copy.flush()
        yield str(Path(copy.name))
