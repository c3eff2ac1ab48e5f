"""Bring a plan in from a file: `manage.py import_plan FILE --area lewisham [--plan SLUG | --title ... --starts ... --ends ...]`.

Without `--confirm` it is a rehearsal: it says everything that would be done, and writes nothing.
"""

from argparse import ArgumentTypeError
from datetime import date
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from board.plan_import import bringing_in
from board.plan_import.errors import HasUnread, NotAPlan, NothingToConfirm
from board.plan_import.grids import normal
from board.plan_import.headings import level_words
from board.plan_import.layout import checked
from board.plan_import.matching import NEW
from board.plan_import.synonyms import MEANINGS
from common.words import plural
from common.zip_bounds import MOST_BYTES
from strategies.models import Area, Strategy
from workstrands.models import PlanFile

STANDING_FOR = ("nothing", "priority", "strand", "objective")
TITLE_DAYS = ("title", "starts", "ends")


def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f'"{text}" is no day: write it like 2026-09-01.') from None


def meaning_of(text: str) -> tuple[str, str]:
    heading, sign, meaning = text.rpartition("=")
    if not sign or meaning.strip() not in (*MEANINGS, "nothing"):
        raise ArgumentTypeError(f'"{text}": write "Heading=meaning", with one of {", ".join(MEANINGS)} or nothing.')
    return heading.strip(), meaning.strip()


class Command(BaseCommand):
    help = "Bring in a plan from a workbook, a document or a CSV file. A rehearsal, unless --confirm is given."

    def add_arguments(self, parser):
        parser.add_argument("file", type=Path, metavar="FILE")
        parser.add_argument("--area", required=True, metavar="SLUG")
        parser.add_argument("--plan", metavar="SLUG", help="the plan that the file is added to")
        parser.add_argument("--title", help="the title of a new plan")
        parser.add_argument("--kind", choices=Strategy.Kind.values, default=Strategy.Kind.STRATEGY.value)
        parser.add_argument("--starts", type=day, metavar="2026-09-01")
        parser.add_argument("--ends", type=day, metavar="2029-08-31")
        parser.add_argument("--map", action="append", type=meaning_of, default=[], metavar="HEADING=MEANING")
        parser.add_argument("--above", choices=STANDING_FOR, help="what the nearest heading above a table means")
        parser.add_argument("--across", choices=STANDING_FOR, help="what a row across a table means")
        parser.add_argument("--lonely", choices=("mid_sentence", "join", "apart"), default="mid_sentence")
        parser.add_argument("--lines", choices=("bullets", "every", "together"), default="bullets")
        parser.add_argument("--with-updates", action="store_true", help="bring in statuses and progress as reports")
        parser.add_argument("--new-leads", action="store_true", help="make a lead of every name that fits nobody")
        parser.add_argument(
            "--leave-out-unread", action="store_true", help="bring in the rest where cells are not understood"
        )
        parser.add_argument("--confirm", action="store_true", help="write it")

    def handle(self, **options):
        self.options, self.now = options, timezone.now()
        try:
            with transaction.atomic():
                self.bring_in()
                if not options["confirm"]:
                    transaction.set_rollback(True)
        except (NotAPlan, HasUnread) as problem:
            raise CommandError(f"{options['file'].name} is refused. {problem} Nothing was written.") from None
        except ValidationError as refusal:
            raise CommandError(f"{' '.join(refusal.messages)} Nothing was written.") from None
        if not options["confirm"]:
            self.stdout.write("Nothing was written: this was a rehearsal. Give --confirm to bring it in.")

    def bring_in(self) -> None:
        area = Area.objects.filter(slug=self.options["area"], kind=Area.Kind.LOCAL_AREA).first()
        if area is None:
            raise CommandError(f'There is no area with the address "{self.options["area"]}".')
        made = bringing_in.receive(self.content(), file_name=self.options["file"].name, area=area, by=None, at=self.now)
        chosen = {name: self.options[name] for name in ("lonely", "lines", "with_updates")}
        bringing_in.choose(made, target=self.target(area), shapes=self.shapes(made), **chosen)
        result = bringing_in.rehearse(made, by=None, at=self.now)
        if self.options["new_leads"] and any(result.questions.values()):
            named = {
                kind: {each.key: each.proposed or NEW for each in result.questions[kind]}
                for kind in ("people", "bodies")
            }
            bringing_in.choose(made, **named)
            result = bringing_in.rehearse(made, by=None, at=self.now)
        self.tell(made, result)
        self.write(made, result)

    def content(self) -> bytes:
        path = self.options["file"]
        try:
            if path.stat().st_size > MOST_BYTES:
                raise NotAPlan(f"It is larger than {MOST_BYTES // 2**20} MB.")
            return path.read_bytes()
        except OSError as problem:
            raise CommandError(f"{path} cannot be read: {problem.strerror}. Nothing was written.") from None

    def target(self, area: Area) -> dict:
        options = self.options
        if options["plan"]:
            strategy = Strategy.objects.filter(area=area, slug=options["plan"]).first()
            if strategy is None:
                raise CommandError(f'{area} has no plan with the address "{options["plan"]}".')
            return {"strategy": strategy.pk}
        if not all(options[name] for name in TITLE_DAYS):
            raise CommandError("Give --plan, or --title, --starts and --ends of a new plan.")
        if options["ends"] <= options["starts"]:
            raise CommandError("A plan ends after it starts.")
        days = {"starts_on": options["starts"].isoformat(), "ends_on": options["ends"].isoformat()}
        return {"title": options["title"][:200], "kind": options["kind"], **days}

    def shapes(self, made: PlanFile) -> list[dict]:
        """The proposed meanings, with what was said of headings instead. A heading that is nowhere is an error."""
        said = {normal(heading): "" if meaning == "nothing" else meaning for heading, meaning in self.options["map"]}
        shapes, kept = bringing_in.shapes_in(bytes(made.content)), made.mapping["shapes"]
        missing = said.keys() - {normal(heading) for shape in shapes for heading in shape.headings}
        if missing:
            raise CommandError(f'--map: no column is headed "{sorted(missing)[0]}".')
        for shape, chosen in zip(shapes, kept, strict=True):
            taken = set(said.values())
            proposed = ["" if meaning in taken else meaning for meaning in chosen["meanings"]]
            headings = [normal(heading) for heading in shape.headings]
            chosen["meanings"] = [
                said.get(heading, meaning) for heading, meaning in zip(headings, proposed, strict=True)
            ]
            for name in ("above", "across"):
                if self.options[name]:
                    meaning = "" if self.options[name] == "nothing" else self.options[name]
                    chosen[name] = self.above(chosen["above"], meaning) if name == "above" else meaning
            for problem in checked(chosen["meanings"]):
                raise CommandError(f"{shape.where}: {problem}")
            self.stdout.write(shape.where)
            for heading, meaning in zip(shape.headings, chosen["meanings"], strict=True):
                self.stdout.write(f"  {heading or '(no heading)'}: {MEANINGS.get(meaning, 'left out')}")
            for level, meaning in chosen["above"].items():
                said = f"{level_words(int(level))} above, such as {shape.over[int(level)][0]}"
                self.stdout.write(f"  ({said}): {MEANINGS.get(meaning, 'left out')}")
        return kept

    def above(self, levels: dict[str, str], meaning: str) -> dict[str, str]:
        """For the nearest heading. What is said of it is not what a heading further out means."""
        nearest = max(levels, key=int, default="")
        outer = {level: "" if said == meaning else said for level, said in levels.items() if level != nearest}
        return outer | ({nearest: meaning} if nearest else {})

    def tell(self, made: PlanFile, result: bringing_in.Rehearsed) -> None:
        said = made.rehearsal
        self.stdout.write(f"{'New plan' if said['is_new'] else 'Plan'}: {said['plan']}")
        self.stdout.write(f"  Added: {', '.join(said['added']) or 'nothing'}")
        self.stdout.write(f"  Changed: {plural(len(said['changed']), 'action')}")
        self.stdout.write(f"  Left alone: {plural(said['left'], 'action')}")
        self.stdout.write(f"  Not understood: {plural(len(said['problems']), 'cell')}")
        for each in said["changed"]:
            for name, old, new in each["changes"]:
                self.stdout.write(f"    {each['ref']}: {name}: {old or 'nothing'} -> {new}")
        for problem in said["problems"]:
            self.stdout.write(
                f'    {problem["place"]}, {problem["column"]}, "{problem["value"]}": {problem["reason"]} {problem["to_do"]}'
            )
        for kind, noun in (("people", "lead"), ("bodies", "body"), ("statuses", "status")):
            for each in result.questions[kind]:
                self.stdout.write(f'  Who or what is meant ({noun}): "{each.text}" ({plural(each.count, "row")})')
        for note in said["notes"]:
            self.stdout.write(f"  Note: {note}")

    def write(self, made: PlanFile, result: bringing_in.Rehearsed) -> None:
        if not result.outcome.writes:
            self.stdout.write("Nothing to bring in: everything that could be read is here already.")
            return
        if not self.options["confirm"]:
            return
        try:
            strategy = bringing_in.confirm(
                made, seen=result.digest, by=None, at=self.now, without_unread=self.options["leave_out_unread"]
            )
        except HasUnread:
            raise HasUnread("Cells were not understood: mend them, or give --leave-out-unread.") from None
        except NothingToConfirm:
            raise CommandError("It was brought in or thrown away just now.") from None
        self.stdout.write(f"Brought into {strategy}.")
