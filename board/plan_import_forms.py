"""The forms by which a plan's file is brought in: the file, what its columns mean, which plan, and who is meant."""

from collections.abc import Iterable
from datetime import date

from django import forms
from django.core.exceptions import ValidationError

from board.plan_import.bringing_in import proposed_for
from board.plan_import.grids import MOST_ROWS
from board.plan_import.headings import level_words
from board.plan_import.layout import Shape, checked
from board.plan_import.matching import BODY, NEW, NOBODY, SAME, SEVERAL, WHOLE, Asked, Directory, key_of, parts_in
from board.plan_import.settling import EVERY_KIND
from board.plan_import.synonyms import MEANINGS
from common.zip_bounds import MOST_BYTES
from people.models import Partner
from strategies.models import Strategy
from workstrands.forms import DayField, FilledForm, one_line, with_role
from workstrands.status import Status

LONELY = [
    ("mid_sentence", "Join it to the row above where that breaks off in mid-sentence; else it is an action of its own"),
    ("join", "Always join it to the row above"),
    ("apart", "It is always an action of its own"),
]
LINES = [
    ("bullets", "Each bulleted line is an action of its own"),
    ("every", "Each line is an action of its own"),
    ("together", "The whole cell is one action"),
]
STANDING_FOR = [
    ("", "Nothing: leave it out"),
    ("priority", "The priority of what follows"),
    ("strand", "The work strand of what follows"),
    ("objective", "The objective of what follows"),
]
NEW_PLAN = "new"
NEEDED_OF_A_NEW_PLAN = {
    "title": "Give the new plan a title.",
    "starts_on": "Give the day it starts.",
    "ends_on": "Give the day it ends.",
}


class PlanUploadForm(FilledForm):
    file = forms.FileField(
        label="The file",
        help_text=f"An Excel workbook (.xlsx), a Word document (.docx) or a CSV file: at most {MOST_BYTES // 2**20} MB and"
        f" {MOST_ROWS:,} filled rows.",
        allow_empty_file=True,  # the reader says what an empty file lacks
        widget=forms.FileInput(attrs={"accept": ".xlsx,.docx,.csv,.txt"}),
        error_messages={"required": "Choose the file.", "invalid": "Choose the file again."},
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > MOST_BYTES:
            raise ValidationError(
                f"The file is larger than {MOST_BYTES // 2**20} MB. Take pictures and other sheets out."
            )
        return file


class ShapeFields:
    """One table of the file as the page shows it: its columns with examples, and what stands above and across."""

    def __init__(self, form: "ColumnsForm", number: int, shape: Shape):
        self.form, self.number, self.shape = form, number, shape

    @property
    def columns(self) -> list[dict]:
        return [
            {"heading": heading or f"Column {at + 1}", "samples": self.shape.samples(at), "field": self.form[f"s{self.number}c{at}"]}
            for at, heading in enumerate(self.shape.headings)
        ]  # fmt: skip

    @property
    def others(self) -> list:
        names = [f"s{self.number}above{level}" for level in self.shape.over] + [f"s{self.number}across"]
        return [self.form[name] for name in names]


class ColumnsForm(FilledForm):
    """What each column means."""

    lonely = forms.ChoiceField(
        label="A row with nothing but an action’s text", choices=LONELY, widget=forms.RadioSelect
    )
    lines = forms.ChoiceField(label="A cell with several lines of actions", choices=LINES, widget=forms.RadioSelect)

    def __init__(self, *args, shapes: list[Shape], mapping: dict, **kwargs):
        super().__init__(*args, **kwargs)
        self.shapes = shapes
        self.tables = [ShapeFields(self, number, shape) for number, shape in enumerate(shapes)]
        self.initial.setdefault("lonely", mapping.get("lonely", LONELY[0][0]))
        self.initial.setdefault("lines", mapping.get("lines", LINES[0][0]))
        for number, shape in enumerate(shapes):
            kept = mapping["shapes"][number] if number < len(mapping["shapes"]) else {}
            self._add(number, shape, kept if fits(kept, shape) else proposed_for(shape))

    def _add(self, number: int, shape: Shape, kept: dict) -> None:
        choices = [("", "Leave it out"), *MEANINGS.items()]
        for at, heading in enumerate(shape.headings):
            label = heading or f"Column {at + 1}"
            self.fields[f"s{number}c{at}"] = _select(label, choices, kept["meanings"][at], aria=f"{label} means")
        for level, texts in shape.over.items():
            is_only = len(shape.over) == 1
            said = "The heading" if is_only else level_words(level)
            label = f"{said} above each table (such as “{texts[0][:60]}”) is"
            initial = kept["above"].get(str(level), "")
            self.fields[f"s{number}above{level}"] = _select(label, STANDING_FOR, initial)
        self.fields[f"s{number}across"] = _select(
            "A row with one text across the whole table is", STANDING_FOR, kept["across"]
        )

    def clean(self) -> None:
        if self.errors:
            return
        said = self.shapes_said
        for number, shape in enumerate(said):
            for problem in checked(shape["meanings"]):
                at = next((at for at, meaning in enumerate(shape["meanings"]) if meaning), 0)
                where = f"{self.shapes[number].where}. " if len(said) > 1 else ""
                self.add_error(f"s{number}c{at}", f"{where}{problem}")
            self._clean_above(number, shape["above"])
        if not any(any(shape["meanings"]) for shape in said):
            self.add_error("s0c0", "Choose the column that says what will be done: the action.")

    def _clean_above(self, number: int, above: dict[str, str]) -> None:
        """Two levels of headings cannot both be the priority: the outer one would be lost."""
        chosen: set[str] = set()
        for level, meaning in above.items():
            if meaning and meaning in chosen:
                self.add_error(
                    f"s{number}above{level}", "A heading further out means this already. Choose it for one of them."
                )
            chosen.add(meaning)

    @property
    def shapes_said(self) -> list[dict]:
        said = self.cleaned_data
        return [
            {
                "meanings": [said[f"s{number}c{at}"] for at in range(shape.width)],
                "above": {str(level): said[f"s{number}above{level}"] for level in shape.over},
                "across": said[f"s{number}across"],
            }
            for number, shape in enumerate(self.shapes)
        ]


def fits(kept: dict, shape: Shape) -> bool:
    """Whether what was chosen before is of a table with as many columns, read as now."""
    return len(kept.get("meanings", ())) == shape.width and isinstance(kept["above"], dict)


def _select(label: str, choices, initial: str, *, aria: str = "") -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        required=False,
        choices=choices,
        initial=initial,
        widget=forms.Select({"aria-label": aria} if aria else {}),
        error_messages={"invalid_choice": "Choose one of the list."},
    )


class PlanForm(FilledForm):
    """Into which plan, and whether reports come in with it."""

    into = forms.ChoiceField(
        label="Into which plan?",
        widget=forms.RadioSelect,
        error_messages={"required": "Choose the plan.", "invalid_choice": "Choose one of the list."},
    )
    title = one_line("Title of the new plan", limit=200, help_text="Such as SEND improvement plan 2026 to 2028.")
    kind = forms.ChoiceField(
        label="Kind of plan",
        required=False,
        choices=Strategy.Kind.choices,
        initial=Strategy.Kind.STRATEGY,
        help_text="An area’s front page shows its strategy; its other plans are reached from there.",
        error_messages={"invalid_choice": "Choose one of the list."},
    )
    starts_on = DayField(
        label="It starts on", required=False, help_text="Such as 1 9 2026. No action can be due before."
    )
    ends_on = DayField(label="It ends on", required=False)
    with_updates = forms.BooleanField(
        label="Bring in statuses, progress and evidence as reports, recorded today",
        required=False,
        help_text="Without it the columns for RAG, progress and evidence are left out, and every action starts without a report."
        " A status may be a word, or the colour of a cell without one.",
    )

    def __init__(self, *args, plans: Iterable[Strategy], **kwargs):
        super().__init__(*args, **kwargs)
        self.plans = {str(plan.pk): plan for plan in plans}
        self.fields["into"].choices = [
            (NEW_PLAN, "A new plan"),
            *((pk, f"Add to {plan}") for pk, plan in self.plans.items()),
        ]
        self.fields["into"].initial = NEW_PLAN

    def clean(self) -> None:
        said = self.cleaned_data
        if said.get("into") != NEW_PLAN:
            return
        for name, message in NEEDED_OF_A_NEW_PLAN.items():
            if not said.get(name) and name not in self.errors:
                self.add_error(name, message)
        starts_on, ends_on = said.get("starts_on"), said.get("ends_on")
        if starts_on and ends_on and ends_on <= starts_on:
            self.add_error("ends_on", "A plan ends after it starts.")
        if any(plan.title.casefold() == said.get("title", "").casefold() for plan in self.plans.values()):
            self.add_error("title", "A plan of this title exists. Choose it above, or give another title.")

    @property
    def target(self) -> dict:
        said = self.cleaned_data
        if said["into"] != NEW_PLAN:
            return {"strategy": int(said["into"])}
        return {
            "title": said["title"], "kind": said["kind"] or Strategy.Kind.STRATEGY.value,
            "starts_on": said["starts_on"].isoformat(), "ends_on": said["ends_on"].isoformat(),
        }  # fmt: skip

    @staticmethod
    def initial_of(chosen: dict | None, *, with_updates: bool) -> dict:
        if not chosen:
            return {"with_updates": with_updates}
        if "strategy" in chosen:
            return {"into": str(chosen["strategy"]), "with_updates": with_updates}
        days = {name: date.fromisoformat(chosen[name]) for name in ("starts_on", "ends_on")}
        return {
            "into": NEW_PLAN,
            "title": chosen["title"],
            "kind": chosen["kind"],
            **days,
            "with_updates": with_updates,
        }


MOST_SAME = 4000  # choices of “the same as”, over all the rows of the page


class NamesForm(FilledForm):
    """Who is meant by each name that nobody fits for sure, and what each word for a status says."""

    all_new = forms.BooleanField(
        label="Every name below with nothing chosen is a new lead",
        required=False,
        help_text="What is chosen or proposed in a row stays as it is.",
    )

    def __init__(self, *args, questions: dict[str, list[Asked]], directory: Directory, kept: dict, **kwargs):
        super().__init__(*args, **kwargs)
        self.questions, self.directory = questions, directory
        self.asked: dict[str, tuple[str, Asked]] = {}
        self.others = self._pointable(questions["people"])
        for kind, asked in questions.items():
            for number, each in enumerate(asked):
                self._add(f"{kind}{number}", kind, each, kept.get(kind, {}))

    def _pointable(self, people: list[Asked]) -> list[Asked]:
        """The names that another may be said to be the same as: those of most rows, where they are very many."""
        short = sorted((each for each in people if len(each.text) <= 120), key=lambda each: -each.count)
        return short[: MOST_SAME // len(people)] if people else []

    def _add(self, name: str, kind: str, each: Asked, kept: dict) -> None:
        self.asked[name] = (kind, each)
        initial = kept.get(each.key) or each.proposed or self._usual(kind)
        if kind == "statuses" and each.key in kept:
            initial = kept[each.key]  # left out, too, is a choice
        self.fields[name] = _select(each.text[:120], self.choices(kind, each), initial, aria=f"{each.text[:120]} means")

    def _usual(self, kind: str) -> str:
        """Where the area has no leads yet, every name in its plan is a new one."""
        return NEW if kind == "people" and not self.directory.leads else ""

    def choices(self, kind: str, each: Asked) -> list[tuple]:
        if kind == "statuses":
            return [
                ("", "Leave it out"),
                *((status.value, f"{status.value}: {status.label}") for status in Status.reportable()),
            ]
        return self.of_bodies() if kind == "bodies" else self.of_people(each)

    @property
    def known_bodies(self) -> list[tuple[str, str]]:
        return [(code, str(partner)) for code, partner in self.directory.partners.items()]

    @property
    def new_bodies(self) -> list[tuple[str, str]]:
        return [(f"{BODY}{sector}", f"A new body: {label}") for sector, label in Partner.Sector.choices]

    def of_bodies(self) -> list[tuple]:
        kinds = [one for one in self.new_bodies if one[0] != f"{BODY}{Partner.Sector.OTHER}"]
        return [
            ("", "Choose who is meant"), (NEW, "A new body of this name"), (NOBODY, "No body: leave it out"),
            ("Bodies", self.known_bodies), ("A new body of this name and kind", kinds),
        ]  # fmt: skip

    def of_people(self, each: Asked) -> list[tuple]:
        same = [(f"{SAME}{one.key}", one.text) for one in self.others if one.key != each.key]
        leads = [(code, with_role(lead)) for code, lead in self.directory.leads.items()]
        groups = [
            ("Leads", leads),
            ("The same as, in this file", same),
            ("A body (partner), nobody named", [*self.known_bodies, *self.new_bodies]),
        ]
        return [
            ("", "Choose who is meant"), (NEW, "A new lead of this name"), (NOBODY, "Nobody: leave it out"),
            *self.of_several(each), *(group for group in groups if group[1]),
        ]  # fmt: skip

    def of_several(self, each: Asked) -> list[tuple[str, str]]:
        if each.within:
            return [(WHOLE, f"Part of one name: “{each.within[:120]}”")]
        parts = parts_in(each.text)
        return [(SEVERAL, f"Several leads: {'; '.join(parts)[:160]}")] if len(parts) > 1 else []

    def clean(self) -> None:
        said = self.cleaned_data
        for name, (kind, each) in self.asked.items():
            if kind == "statuses" or name in self.errors:
                continue
            if not said.get(name) and kind == "people" and said.get("all_new"):
                said[name] = NEW
            if not said.get(name):
                self.add_error(name, f"{each.text[:120]}: choose who is meant.")
        self._follow_same()

    def _follow_same(self) -> None:
        """One name may be the same as another only where it is chosen for that other who it is."""
        chosen = {
            each.key: self.cleaned_data.get(name, "") for name, (kind, each) in self.asked.items() if kind == "people"
        }
        texts = {each.key: each.text for each in self.questions["people"]}
        for name, (kind, each) in self.asked.items():
            other = chosen.get(each.key, "").removeprefix(SAME) if kind == "people" else ""
            if chosen.get(each.key, "").startswith(SAME) and chosen.get(other, "").startswith((SAME, SEVERAL, WHOLE)):
                message = f"{each.text[:120]}: it is not chosen yet who “{texts[other][:120]}” is. Choose that, or another name here."
                self.add_error(name, message)

    def rows(self, kind: str) -> list[dict]:
        return [
            {"asked": each, "field": self[name], "is_alike": bool(each.proposed) and kind != "statuses",
             "is_by_colour": bool(each.proposed) and kind == "statuses",
             "may_be_several": kind == "people" and not each.within and len(parts_in(each.text)) > 1}
            for name, (of_kind, each) in self.asked.items() if of_kind == kind
        ]  # fmt: skip

    @property
    def people(self) -> list[dict]:
        return self.rows("people")

    @property
    def bodies(self) -> list[dict]:
        return self.rows("bodies")

    @property
    def statuses(self) -> list[dict]:
        return self.rows("statuses")

    @property
    def has_open_names(self) -> bool:
        """Whether one tick can settle some rows."""
        return any(not row["field"].initial for row in self.people)

    def said(self, kept: dict) -> dict[str, dict[str, str]]:
        """Together with what was chosen before. What a wording with separators holds is kept by the wording."""
        chosen = {kind: dict(kept.get(kind, {})) for kind in EVERY_KIND}
        for name, (kind, each) in self.asked.items():
            value = self.cleaned_data[name]
            if kind == "people" and value in (SEVERAL, WHOLE):
                chosen["joint"][each.key if value == SEVERAL else key_of(each.within)] = value
                chosen["people"].pop(each.key, None)
            else:
                chosen[kind][each.key] = value
        return chosen
