"""A run of letters that is killed (-9), wherever it stands: each letter goes at most once by itself, and none is forgotten.

What was claimed and not noted as sent may have gone or not. No run sends it again; an officer sees it as one that may not
have gone, and their press sends it once more, knowing that (docs/decisions/0010; tests/board/reminding/test_sending.py).
"""

import re
import signal
from collections import Counter
from pathlib import Path

import pytest

from people.models import Lead
from tests.board.reminding.the_round import another_action, world_with_round
from tests.failures.killed import Loaded
from tests.other_processes import as_others_see

RUN = ("command", "send_reminders", "--today", "2026-11-05")
LEADS = 6  # their letters go in the order of their names: this number 1 to 6


@pytest.fixture
def shared(transactional_db, tmp_path):
    world = world_with_round()
    world.lead.name, world.lead.email = "Lead 1", "lead1@northvale.example"
    world.lead.save()
    for number in range(2, LEADS + 1):
        lead = Lead.objects.create(area=world.area, name=f"Lead {number}", email=f"lead{number}@northvale.example")
        another_action(world, number, lead=lead)
    return as_others_see(tmp_path)


def test_a_letter_goes_at_most_once_by_itself_wherever_a_run_is_killed(shared, tmp_path):
    url, ask = shared
    mail = tmp_path / "mail"
    by_files = {"EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend", "EMAIL_FILE_PATH": str(mail)}

    def stand() -> tuple[list[int], list[int], list[int]]:
        """The letters that went, those that are noted as sent, and those that may not have gone."""
        return went(mail), named(ask, "IS NOT NULL"), named(ask, "IS NULL")

    with Loaded(url, EMAIL_URL="", **by_files) as loaded:

        def run(point: str = "none") -> None:
            ended = loaded.do(*RUN, point=point)
            assert ended.code == (0 if point == "none" else -signal.SIGKILL), ended.said

        run("letter-unclaimed")
        assert stand() == ([1], [1], [])
        run("letter-claimed")  # goes on with the second; dies in the third
        assert stand() == ([1, 2], [1, 2], [3])
        run("letter-sent")  # goes on with the fourth; dies in the fifth
        assert stand() == ([1, 2, 4, 5], [1, 2, 4], [3, 5])
        run()
        assert stand() == ([1, 2, 4, 5, 6], [1, 2, 4, 6], [3, 5])
        run()
        assert stand() == ([1, 2, 4, 5, 6], [1, 2, 4, 6], [3, 5])


def went(folder: Path) -> list[int]:
    """Each as often as it was written."""
    letters = "".join(file.read_text() for file in folder.glob("*.log"))
    return sorted(Counter(map(int, re.findall(r"^To: lead(\d)@", letters, re.MULTILINE))).elements())


def named(ask, sent: str) -> list[int]:
    rows = ask(f"SELECT address FROM board_reminder WHERE sent_at {sent} ORDER BY address")
    return [int(address.removeprefix("lead")[0]) for (address,) in rows]
