"""`manage.py import_plan`: the same import without a browser."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from people.models import Lead
from strategies.models import Strategy
from tests.board.plan_import import files
from tests.world import at, build_world
from workstrands.models import PlanFile

NEW = ["--title=SEND improvement plan", "--starts=2026-03-01", "--ends=2029-12-31"]
MATRIX = files.a_workbook(files.WIDE_MATRIX, merge=files.WIDE_MERGES)


@pytest.fixture(autouse=True)
def installation(db, monkeypatch):
    monkeypatch.setattr("django.utils.timezone.now", lambda: at(2026, 9, 1))
    world = build_world()
    Lead.objects.create(area=world.area, name="Robin Ash", initials="RA", role="Designated Clinical Officer")


@pytest.fixture
def run(tmp_path):
    def running(content, *options, name="plan.xlsx", area="northvale"):
        (tmp_path / name).write_bytes(content)
        out = StringIO()
        call_command("import_plan", str(tmp_path / name), f"--area={area}", *options, stdout=out)
        return out.getvalue()

    return running


def test_it_rehearses_unless_it_is_told_to_confirm(run):
    said = run(MATRIX, *NEW)
    assert "What will we do?: Action: what will be done" in said
    assert "New plan: SEND improvement plan" in said
    assert "5 actions" in said
    assert 'Who or what is meant (lead): "Principal EP" (1 row)' in said
    assert "Nothing was written: this was a rehearsal." in said
    assert not Strategy.objects.filter(title="SEND improvement plan").exists()
    assert not PlanFile.objects.exists()


def test_confirmed_it_writes_and_the_same_file_again_writes_nothing(run):
    said = run(MATRIX, *NEW, "--new-leads", "--with-updates", "--confirm")
    assert "Brought into SEND improvement plan." in said
    made = Strategy.objects.get(title="SEND improvement plan")
    assert made.actions.count() == 5
    assert Lead.objects.filter(name__in=["Principal EP", "Somebody Else"]).count() == 2
    said = run(MATRIX, f"--plan={made.slug}", "--new-leads", "--with-updates", "--confirm")
    assert "Nothing to bring in: everything that could be read is here already." in said
    assert made.actions.count() == 5


def test_headings_can_be_given_another_meaning(run):
    said = run(MATRIX, *NEW, "--map=Outcome=strand", "--map=How will we know?=nothing")
    assert "Outcome: Work strand" in said
    assert "How will we know?: left out" in said
    assert "2 work strands" not in said.split("Added:")[0]
    assert "3 work strands" in said


def test_unread_cells_refuse_the_file_unless_they_may_be_left_out(run):
    content = files.a_workbook(files.LANDSCAPE)
    with pytest.raises(CommandError, match=r"leave-out-unread\. Nothing was written"):
        run(content, *NEW, "--confirm")
    assert not PlanFile.objects.exists()
    said = run(content, *NEW, "--confirm", "--leave-out-unread")
    assert 'Plan!C5, Due date, "Autumn term": It names no year.' in said


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--plan=nothing-here"], 'has no plan with the address "nothing-here"'),
        ([], "Give --plan, or --title, --starts and --ends"),
        (["--title=X", "--starts=2027-01-01", "--ends=2026-01-01"], "A plan ends after it starts"),
        ([*NEW, "--map=Nonsense=action"], 'no column is headed "nonsense"'),
        ([*NEW, "--map=What will we do?=nothing"], "Choose the column that says what will be done"),
    ],
)
def test_what_is_asked_wrongly_is_said(run, options, message):
    with pytest.raises(CommandError, match=message.replace("?", r"\?")):
        run(MATRIX, *options)
    assert not PlanFile.objects.exists()


def test_a_file_or_area_that_is_none_is_said(run, tmp_path):
    with pytest.raises(CommandError, match='There is no area with the address "elsewhere"'):
        run(MATRIX, *NEW, area="elsewhere")
    with pytest.raises(CommandError, match=r"plan\.xlsx is refused\. The file is broken"):
        run(b"PK\x03\x04", *NEW)
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        call_command("import_plan", str(tmp_path / "none.xlsx"), "--area=northvale", *NEW)
