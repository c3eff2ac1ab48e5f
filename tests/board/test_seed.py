"""Seeding from a small set of files (`seed_files/`), changed as each test needs."""

import shutil
from datetime import UTC, date, datetime
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Model

from board.seeding import Outcome, Refused, seed
from common.dates import noon
from kpis.models import Indicator, Kpi, Measurement, Target
from people.models import Lead
from priorities.models import Finding, Priority
from strategies.keeping import changes_of
from strategies.models import Area, Passage, SourceDocument, Strategy
from tests.world import at
from workstrands.models import Action, Deadline, Objective, Placement

pytestmark = pytest.mark.django_db

FILES = Path(__file__).parent / "seed_files"
NOW = datetime(2025, 6, 1, 9, tzinfo=UTC)
LATER = datetime(2025, 7, 1, 9, tzinfo=UTC)


class Files:
    """A copy of the seed's files that a test may change."""

    def __init__(self, directory: Path):
        self.directory = directory
        shutil.copytree(FILES, directory)

    def change(self, file: str, old: str, new: str) -> None:
        path = self.directory / file
        text = path.read_text()
        assert text.count(old) >= 1, f"{old!r} is not in {file}"
        path.write_text(text.replace(old, new, 1))

    def add(self, file: str, text: str) -> None:
        path = self.directory / file
        path.write_text(path.read_text() + text)

    def seed(self, *, now: datetime = NOW) -> Outcome:
        return seed(self.directory, now=now)[0]

    def refusal(self) -> list[str]:
        with pytest.raises(Refused) as refused:
            self.seed()
        return refused.value.problems


@pytest.fixture
def files(tmp_path) -> Files:
    return Files(tmp_path / "files")


def fresh(model: type[Model], key: str) -> Model:
    return model.objects.get(seed_key=key)


def history_rows() -> int:
    models = [Strategy, Lead, Priority, Finding, Indicator, Kpi, Objective, Action]
    return sum(model.history.count() for model in models)


# What is written


def test_a_record_keeps_its_document_place_wording_and_note(files):
    files.seed()

    objective = fresh(Objective, "plan-2024/objective-1")
    assert (objective.text, objective.source_text) == (
        "Increased capacity to write plans.",
        "reased capacity to write plans.",
    )
    assert (objective.source.slug, objective.source_locator) == ("plan-2024", "L11")
    assert objective.source_note == "The first letters are cropped."
    assert objective.key == "w1-1"


def test_creating_a_statement_is_in_its_history(files):
    files.seed()

    assert [change.is_first for change in changes_of(fresh(Action, "plan-2024/action-1-1"))] == [True]


def test_an_action_hangs_on_its_priority_with_the_first_named_as_lead(files):
    files.seed()

    action = fresh(Action, "plan-2024/action-1-1")
    placement = fresh(Placement, "plan-2024/action-1-1/placement")
    assert (action.key, action.area.slug) == ("send-plan-2024-1-1", "riverton")
    assert (placement.action, placement.number, placement.priority.ref) == (action, 1, "1")
    assert (placement.lead.name, placement.is_lead_joint) == ("Ann Bell", True)
    assert [lead.name for lead in action.supporting_leads.all()] == ["Carl Dean"]


def test_an_action_with_an_objective_hangs_on_that_alone(files):
    files.change(
        "plan-2024/actions.toml", 'objective = "objective-1"', 'objective = "objective-1"\npriority = "priority-1"'
    )
    files.seed()

    placement = fresh(Placement, "plan-2024/action-1-2/placement")
    assert placement.objective.ref == "W1.1"
    assert placement.priority is placement.workstrand is placement.lead is None


def test_a_revised_deadline_is_the_next_number_and_keeps_its_reason(files):
    files.seed()

    dates = Deadline.objects.filter(action__ref="1.1").values_list("seed_key", "number", "due_on", "state", "reason")
    assert list(dates) == [
        ("plan-2024/action-1-1/deadline-1", 1, date(2024, 9, 30), "agreed", ""),
        ("plan-2024/action-1-1/deadline-2", 2, date(2024, 12, 31), "agreed", "More work is needed."),
    ]


def test_a_figure_becomes_a_kpi_with_measurements_and_a_standing_target(files):
    files.seed()

    kpi = fresh(Kpi, "kpis/riverton/plans-on-time")
    assert (kpi.is_headline, kpi.source_locator) == (True, "L20")
    assert kpi.source_text.startswith("In 2023 we finished 61.5%")
    assert [measure.ref for measure in kpi.success_measures.all()] == ["1.1"]
    assert [priority.ref for priority in kpi.priorities.all()] == ["1"]
    target = Target.objects.get(kpi=kpi)
    assert (target.kind, target.value, target.period_start, target.period_end) == (
        "standing",
        100,
        date(2024, 7, 31),
        None,
    )
    england = fresh(Measurement, "plan-2024/figure-on-time/reading-2")
    assert (england.area.slug, england.qualifier, england.source_locator) == ("england", "about", "L21")
    assert (england.source_text, england.source_note) == ("", "Counts new plans. Rounded.")
    assert (england.is_published, england.published_on) == (True, date(2024, 7, 1))


def test_the_same_period_in_a_later_document_is_a_restatement(files):
    files.seed()

    rows = Measurement.objects.filter(area__slug="riverton").values_list("number", "value", "recorded_at")
    assert list(rows) == [(1, 61.5, noon(date(2024, 7, 31))), (2, 60, noon(date(2025, 2, 10)))]
    assert Kpi.objects.count() == 1


def test_a_part_that_stands_before_its_whole_finds_it(files):
    files.seed()

    assert fresh(Finding, "plan-2024/finding-1a").parent.ref == "1"


def test_a_first_seeding_is_recorded_on_the_documents_day_and_a_later_one_when_it_happens(files):
    files.seed()
    files.add(
        "plan-2024/actions.toml",
        '[[action.deadline]]\ndue_on = 2025-03-31\nas_written = "March"\ncertainty = "certain"\n',
    )
    files.seed(now=LATER)

    first = Placement.objects.get(action__ref="1.2")
    late = Deadline.objects.get(action__ref="1.2")
    assert first.recorded_at == noon(date(2024, 7, 31)), "a month means its last day"
    assert (late.number, late.recorded_at) == (1, LATER)


def test_a_new_seeded_date_comes_after_what_people_wrote(files):
    files.seed()
    action = fresh(Action, "plan-2024/action-1-1")
    Deadline.objects.create(action=action, number=3, due_on=date(2025, 1, 31), recorded_at=NOW)
    third = '[[action.deadline]]\ndue_on = 2025-03-31\nas_written = "March"\ncertainty = "certain"\n\n'
    following = '[[action]]\nkey = "action-1-2"'
    files.change("plan-2024/actions.toml", following, third + following)
    files.seed(now=LATER)

    assert fresh(Deadline, "plan-2024/action-1-1/deadline-3").number == 4


def test_a_kpi_that_somebody_made_before_is_used_as_it_is(files):
    area = Area.objects.create(slug="riverton", name="Riverton")
    indicator = Indicator.objects.create(
        code="plans-on-time", title="Ours", unit="percent", polarity="higher", seed_key="indicators/plans-on-time"
    )
    kpi = Kpi.objects.create(area=area, indicator=indicator)
    files.seed()

    assert list(Kpi.objects.all()) == [kpi]
    assert Target.objects.get().kpi == kpi


# Running it again


def test_running_it_twice_changes_nothing_and_asks_little(files, django_assert_max_num_queries):
    created = files.seed()
    before = history_rows()
    with django_assert_max_num_queries(45):
        again = files.seed(now=LATER)

    assert again.total("unchanged") == created.total("created")
    assert again.total("created") == again.total("updated") == again.total("kept") == 0
    assert (history_rows(), again.gone) == (before, [])


def test_an_untouched_row_follows_the_file(files):
    files.seed()
    files.change("plan-2024/actions.toml", "Write plans faster.", "Write good plans faster.")
    outcome = files.seed(now=LATER)

    action = fresh(Action, "plan-2024/action-1-1")
    assert (action.title, len(changes_of(action))) == ("Write good plans faster.", 2)
    assert outcome.deeds["action"]["updated"] == 1
    assert files.seed(now=LATER).total("updated") == 0


def test_a_line_taken_out_of_the_file_is_taken_out_of_an_untouched_row(files):
    files.seed()
    files.change("plan-2024/actions.toml", 'supporting_leads = ["lead-cd"]\n', "")
    files.change("plan-2024/actions.toml", 'note = "The first letters are cropped."\n', "")
    files.seed()

    assert not fresh(Action, "plan-2024/action-1-1").supporting_leads.exists()
    assert fresh(Objective, "plan-2024/objective-1").source_note == ""


def test_an_officers_edit_is_kept_and_the_difference_reported(files):
    files.seed()
    action = fresh(Action, "plan-2024/action-1-1")
    action.title = "Write plans within 20 weeks."
    action.save()
    files.change("plan-2024/actions.toml", "position = 1\nlead", "position = 9\nlead")
    outcome = files.seed()

    action.refresh_from_db()
    assert (action.title, action.position) == ("Write plans within 20 weeks.", 1)
    assert [str(difference) for difference in outcome.differences] == [
        'action plan-2024/action-1-1, title: ours "Write plans within 20 weeks.", theirs "Write plans faster."',
        'action plan-2024/action-1-1, position: ours "1", theirs "9"',
    ]


def test_an_edited_choice_of_leads_is_kept_too(files):
    files.seed()
    fresh(Action, "plan-2024/action-1-1").supporting_leads.clear()
    outcome = files.seed()

    assert not fresh(Action, "plan-2024/action-1-1").supporting_leads.exists()
    assert str(outcome.differences[0]).endswith('supporting_leads: ours "", theirs "Carl Dean"')


def test_an_edit_that_the_file_then_agrees_with_is_no_edit_any_more(files):
    files.seed()
    Passage.objects.update(text="Every child is happy.")
    files.change("plan-2024/figures.toml", "Every child thrives.", "Every child is happy.")
    files.seed()
    files.change("plan-2024/figures.toml", "Every child is happy.", "Every child learns.")
    files.seed()

    assert Passage.objects.get().text == "Every child learns."


def test_dated_rows_and_documents_are_never_changed(files):
    files.seed()
    files.change("plan-2024/figures.toml", "value = 61.5", "value = 61.7")
    files.change("plan-2024/document.toml", 'title = "SEND plan 2024"', 'title = "The SEND plan"')
    outcome = files.seed()

    assert fresh(Measurement, "plan-2024/figure-on-time/reading-1").value == 61.5
    assert SourceDocument.objects.get(slug="plan-2024").title == "SEND plan 2024"
    assert {(d.kind, d.field, d.ours, d.theirs) for d in outcome.differences} == {
        ("measurement", "value", "61.5", "61.7"),
        ("document", "title", "SEND plan 2024", "The SEND plan"),
    }


def test_what_was_retired_stays_retired(files):
    files.seed()
    Action.objects.filter(ref="1.1").update(retired_at=at(2025, 1, 1, 0))
    Lead.objects.filter(initials="AB").update(left_on=date(2025, 1, 1))
    files.change("plan-2024/actions.toml", "Write plans faster.", "Write good plans faster.")
    files.change("plan-2024/document.toml", "Head of SEND", "Director of SEND")
    outcome = files.seed()

    action, lead = fresh(Action, "plan-2024/action-1-1"), fresh(Lead, "plan-2024/lead-ab")
    assert (action.title, action.retired_on) == ("Write plans faster.", date(2025, 1, 1))
    assert (lead.role, lead.left_on) == ("Head of SEND", date(2025, 1, 1))
    assert [difference.kind for difference in outcome.differences] == ["lead", "action"]


def test_a_record_that_left_the_files_stays_and_is_named(files):
    files.seed()
    files.change("plan-2025/document.toml", 'key = "figure-on-time"', 'key = "figure-again"')
    outcome = files.seed()

    assert outcome.gone == ["plan-2025/figure-on-time/reading-1"]
    assert Measurement.objects.filter(seed_key=outcome.gone[0]).exists()


def test_another_folder_of_files_may_be_loaded_beside_the_first(files):
    files.seed()
    shutil.rmtree(files.directory / "plan-2025")
    outcome = files.seed()

    assert (outcome.gone, outcome.differences) == ([], [])


# What is refused


BROKEN = [
    ("plan-2024/actions.toml", 'ref = "1.1"', 'ref = "1.1', "plan-2024/actions.toml: this is not readable TOML"),
    (
        "plan-2024/actions.toml",
        "[[objective]]",
        "[[objektive]]",
        'actions.toml: objektive: there is no such kind of record. Did you mean "objective"?',
    ),
    (
        "plan-2024/actions.toml",
        "[[work_strand]]",
        "[work_strand]",
        "work_strand: must be tables of their own, in double brackets.",
    ),
    (
        "plan-2024/actions.toml",
        'title = "Hire',
        'titel = "Hire',
        'action action-1-2: titel: there is no such field. Did you mean "title"?',
    ),
    ("plan-2024/actions.toml", 'title = "Hire', 'titel = "Hire', "action action-1-2: title: is missing."),
    (
        "plan-2024/actions.toml",
        'line = "L13"',
        "line = 13",
        "action action-1-2: line: must be text in quotation marks.",
    ),
    ("plan-2024/actions.toml", "Hire writers", "Hire \\u0000", "action action-1-2: title: holds a control character."),
    (
        "plan-2024/actions.toml",
        "position = 2",
        "position = true",
        "action action-1-2: position: must be a whole number.",
    ),
    (
        "plan-2024/actions.toml",
        "position = 2",
        "position = -2",
        "action action-1-2: position: Ensure this value is greater",
    ),
    (
        "plan-2024/actions.toml",
        "is_lead_joint = true",
        "is_lead_joint = 1",
        "action-1-1: is_lead_joint: must be true or false.",
    ),
    ("plan-2024/actions.toml", '["lead-cd"]', '"lead-cd"', "action-1-1: supporting_leads: must be a list of texts"),
    (
        "plan-2024/actions.toml",
        '["lead-cd"]',
        '["lead-ce"]',
        'supporting_leads: "lead-ce" leads nowhere: there is no such lead in plan-2024. Did you mean "lead-cd"?',
    ),
    (
        "plan-2024/actions.toml",
        "due_on = 2024-12-31",
        'due_on = "31/12/2024"',
        "action action-1-1, deadline 2: due_on: must be a date",
    ),
    (
        "plan-2024/actions.toml",
        "due_on = 2024-12-31",
        "due_on = 2024-12-31T10:00:00",
        "action-1-1, deadline 2: due_on: must be a date",
    ),
    (
        "plan-2024/actions.toml",
        'lead = "lead-ab"',
        'lead = "priority-1"',
        'action-1-1: lead: "priority-1" is a priority, not a lead.',
    ),
    (
        "plan-2024/actions.toml",
        'priority = "priority-1"',
        "",
        "action action-1-1: An action hangs on an objective, a priority or a work strand.",
    ),
    (
        "plan-2024/actions.toml",
        'key = "action-1-2"',
        'key = "action-1-1"',
        '"action-1-1" is also the key of action action-1-1 in plan-2024/actions.toml.',
    ),
    (
        "plan-2024/actions.toml",
        'key = "action-1-2"',
        'key = "Action 1.2"',
        "key: must be lower-case letters and digits",
    ),
    ("plan-2024/actions.toml", 'key = "action-1-2"\n', "", "action number 2: key: is missing."),
    (
        "plan-2024/actions.toml",
        'ref = "1.2"',
        'ref = "1.1"',
        "plan-2024/actions.toml: action action-1-2: Action with this Strategy and Reference already exists",
    ),
    (
        "plan-2024/actions.toml",
        'strategy = "send-plan-2024"',
        'strategy = "nowhere/plan"',
        'strand-plans: strategy: "plan" leads nowhere: there is no such strategy in nowhere.',
    ),
    (
        "plan-2024/document.toml",
        "2025-12-31",
        "2024-01-31",
        "strategy send-plan-2024: A strategy ends after it starts.",
    ),
    (
        "plan-2024/document.toml",
        'sector = "council"',
        'sector = "councils"',
        'partner-council: sector: "councils" is not one of council, health',
    ),
    (
        "plan-2024/document.toml",
        'key = "plan-2024"',
        'key = "plan-24"',
        'key: must be the name of its folder, "plan-2024".',
    ),
    (
        "plan-2024/document.toml",
        'parent = "finding-1"',
        'parent = "finding-1a"',
        'finding-1a: parent: "finding-1a" is this record itself.',
    ),
    (
        "plan-2024/document.toml",
        'ref = "1"\ntext',
        'parent = "finding-1a"\nref = "1"\ntext',
        "finding finding-1: parent: leads back to this record.",
    ),
    (
        "plan-2024/figures.toml",
        "value = 61.5",
        "value = nan",
        "figure figure-on-time, reading 1: value: must be a number",
    ),
    (
        "plan-2024/figures.toml",
        "value = 61.5",
        "value = 61.1234567",
        "figure-on-time, reading 1: value: Ensure that there are no more than",
    ),
    (
        "plan-2024/figures.toml",
        "value = 61.5\n",
        "",
        "figure-on-time, reading 1: value: is missing: give a number here",
    ),
    (
        "plan-2024/figures.toml",
        "value = 61.5",
        'value = 61.5\ntarget_kind = "standing"',
        "reading 1: target_kind: belongs to a target only.",
    ),
    (
        "plan-2024/figures.toml",
        "value = 100",
        'value = 100\nbreakdown = "girls"',
        "reading 3: breakdown: belongs to a measurement only.",
    ),
    (
        "plan-2024/figures.toml",
        "period_start = 2023-01-01",
        "period_start = 2024-01-01",
        "reading 1: A period ends on or after the day it starts.",
    ),
    (
        "plan-2024/figures.toml",
        'area = "england"\n',
        "",
        "reading 2: period_end: is the same as an earlier one: give this one a breakdown.",
    ),
    (
        "plan-2024/figures.toml",
        'indicator = "plans-on-time"',
        'indicator = "plans"',
        'indicator: "plans" leads nowhere: there is no such indicator in indicators.',
    ),
    (
        "areas.toml",
        'area_kind = "country"',
        'area_kind = "country"\ndfe_code = "12"',
        "area england: dfe_code: A DfE code has three digits.",
    ),
    (
        "areas.toml",
        'area_kind = "country"',
        'area_kind = "country"\n[[lead]]\nkey = "x"',
        "lead: stands in a shared file",
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "said"), BROKEN, ids=[said for *_, said in BROKEN])
def test_a_broken_file_is_refused_whole_naming_file_record_and_field(files, file, old, new, said):
    files.change(file, old, new)
    problems = files.refusal()

    assert any(said in problem and problem.startswith(file) for problem in problems), problems
    assert not Area.objects.exists()
    assert not Action.history.exists()


def test_an_indicator_defined_twice_is_refused(files):
    files.add("plan-2025/document.toml", '\n[[indicator]]\nkey = "plans-on-time"\nline = "L9"\n')

    assert any(
        '"plans-on-time" is also the key of indicator plans-on-time in indicators.toml' in line
        for line in files.refusal()
    )


def test_a_reference_into_another_strategy_is_refused(files):
    files.add(
        "plan-2025/document.toml",
        """
[[strategy]]
key = "other-plan"
area = "riverton"
title = "Another plan"
strategy_kind = "strategy"
starts_on = 2025-01-01
ends_on = 2025-12-31

[[action]]
key = "action-1"
line = "L9"
strategy = "other-plan"
ref = "1"
title = "Misplaced."
priority = "plan-2024/priority-1"
position = 1
""",
    )

    assert files.refusal() == [
        'plan-2025/document.toml: action action-1: priority: "priority-1" belongs to another strategy, send-plan-2024.'
    ]


def test_a_folder_without_a_document_is_refused(files):
    (files.directory / "plan-2026").mkdir()
    shutil.copy(files.directory / "plan-2024/figures.toml", files.directory / "plan-2026/figures.toml")

    assert "plan-2026: the folder holds no document." in files.refusal()


def test_every_problem_is_told_at_once(files):
    files.change("plan-2024/actions.toml", 'title = "Hire', 'titel = "Hire')
    files.change("plan-2024/document.toml", 'sector = "council"', 'sector = "church"')
    files.change("areas.toml", 'name = "Riverton"\n', "")

    problems = files.refusal()
    assert len(problems) == 4
    assert all("\n" not in problem for problem in problems)


def test_a_broken_change_leaves_what_was_seeded_before(files):
    files.seed()
    files.change("plan-2024/actions.toml", "Write plans faster.", "Write good plans faster.")
    files.change("plan-2024/document.toml", "2025-12-31", "2024-01-31")
    files.refusal()

    assert fresh(Action, "plan-2024/action-1-1").title == "Write plans faster."


# The command


def test_the_command_says_what_it_did_and_what_the_documents_state(files):
    said = StringIO()
    call_command("seed", fixtures=files.directory, stdout=said)

    lines = [" ".join(line.split()) for line in said.getvalue().splitlines()]
    assert "action 2 0 0 0" in lines
    assert "[1] plan-2024" in lines
    assert "actions 2 0 2" in lines
    assert "- figures: readings 3 1 4" in lines


def test_the_command_refuses_in_readable_lines(files):
    files.change("plan-2024/actions.toml", 'title = "Hire', 'titel = "Hire')

    with pytest.raises(
        CommandError, match=r"Nothing was loaded.*\n  plan-2024/actions\.toml: action action-1-2: titel: "
    ):
        call_command("seed", fixtures=files.directory)


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(CommandError, match="there is no such folder"):
        call_command("seed", fixtures=tmp_path / "nowhere")
