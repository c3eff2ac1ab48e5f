"""Bring in files of the Department for Education's open data: `manage.py import_dfe FILE... [--dry-run]`."""

from argparse import ArgumentTypeError
from collections.abc import Iterator
from datetime import date
from functools import partial
from itertools import islice
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils import timezone

from common.dates import in_words, london_day
from common.words import plural
from kpis.dfe.arriving import Origin, kept_for_columns, origin_of
from kpis.dfe.bringing_in import confirm_at_once, rehearse_at_once
from kpis.dfe.contents import survey
from kpis.dfe.errors import NotThisFormat
from kpis.dfe.guidance import read_guidance, read_meta
from kpis.dfe.periods import READS_AS
from kpis.dfe.reading import Table
from kpis.dfe.series import Series, kept_for_file, proposed_filters, term_of
from kpis.dfe.signs import least_sure, state_said
from kpis.dfe.storing import PIECE, clear_abandoned
from kpis.dfe.telling import Rehearsed, told
from kpis.models import FigureImport, Indicator
from kpis.vocabulary import MeasurementState

DEEDS = (("added", "Added"), ("restated", "Restated"), ("unchanged", "Unchanged"), ("left_alone", "Left alone"))
SHOWN = 20
FIRST_ROWS = 1000


def day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f'"{text}" is no day: write it like 2026-06-25.') from None


def item_of(text: str) -> tuple[str, str]:
    column, sign, item = text.partition("=")
    if not sign:
        raise ArgumentTypeError(f'"{text}": write a filter as column=item.')
    return column.strip(), item.strip()


class Command(BaseCommand):
    help = "Bring in figures from open-data files. With a mapping kept from before, the files are all that is needed."

    def add_arguments(self, parser):
        parser.add_argument("files", nargs="*", type=Path, metavar="FILE")
        parser.add_argument("--indicator", metavar="CODE", help="which indicator the column feeds")
        parser.add_argument("--column", metavar="NAME", help="the column that holds its figures")
        parser.add_argument("--filter", action="append", type=item_of, default=[], metavar="COLUMN=ITEM")
        parser.add_argument("--numerator", default="", metavar="COLUMN")
        parser.add_argument("--denominator", default="", metavar="COLUMN")
        parser.add_argument(
            "--reads-as", choices=[*filter(None, READS_AS)], help="which part of its year the file means"
        )
        parser.add_argument("--publication", default="")
        parser.add_argument("--edition", default="")
        parser.add_argument("--published-on", type=day, metavar="2026-06-25")
        parser.add_argument("--provisional", action="store_true", help="the figures are not final")
        parser.add_argument("--meta", type=Path, help="the metadata file")
        parser.add_argument("--data-guidance", type=Path, help="the data-guidance text")
        parser.add_argument("--leave-out-refused", action="store_true", help="bring in the rest where rows are refused")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
        parser.add_argument("--clear-abandoned", action="store_true", help="throw away uploads that nobody confirmed")

    def handle(self, **options):
        self.options, self.now = options, timezone.now()
        if options["clear_abandoned"]:
            self.stdout.write(f"{plural(clear_abandoned(at=self.now), 'abandoned upload')} thrown away.")
        elif not options["files"]:
            raise CommandError("Name at least one file.")
        if bool(options["indicator"]) != bool(options["column"]):
            raise CommandError("--indicator and --column go together.")
        if not options["files"]:
            return
        with transaction.atomic():  # every file, or none
            for path in options["files"]:
                self.bring_in(path)
            if options["dry_run"]:
                transaction.set_rollback(True)
                self.stdout.write("Nothing was written: this was a dry run.")

    def bring_in(self, path: Path) -> None:
        try:
            self.read_and_write(path)
        except NotThisFormat as problem:
            raise CommandError(f"{path.name} is refused. {problem} Nothing was written.") from None
        except OSError as problem:
            raise CommandError(f"{path} cannot be read: {problem.strerror}. Nothing was written.") from None

    def read_and_write(self, path: Path) -> None:
        origin = self.origin(path)
        series = self.given_series(path, origin) if self.options["indicator"] else self.kept(path, origin)
        given = {"file_name": path.name, "origin": origin, "at": self.now}
        made, result = rehearse_at_once(partial(chunks_of, path), series, **given)
        if result.found.unanswered:
            self.propose(path, series)
            made, result = rehearse_at_once(partial(chunks_of, path), series, **given)
        self.tell(made, told(result))
        self.refuse_unfit(result)
        if not result.writes:
            self.stdout.write("Nothing to bring in: every figure is here already.")
            return
        written = confirm_at_once(made, result, at=self.now)
        self.stdout.write(f"{plural(written, 'figure')} brought in.")

    def origin(self, path: Path) -> Origin:
        """What is not said: the publication by the mapping kept for such a file, and the day as an assumption, today."""
        options = self.options
        publication = options["publication"] or kept_for_file(path.name)
        if not publication:
            raise CommandError(
                f"No mapping is kept for a file called {path.name}: give --publication, --edition and --published-on."
            )
        published_on = options["published_on"] or london_day(self.now)
        if published_on > london_day(self.now):
            raise CommandError("--published-on: a day to come.")
        state = MeasurementState.PROVISIONAL if options["provisional"] else MeasurementState.FINAL
        edition = options["edition"] or str(published_on.year)
        origin = Origin(publication, edition, published_on, str(state), options["published_on"] is None)
        return origin.as_said_by(path.name)

    def kept(self, path: Path, origin: Origin) -> list[Series]:
        """By the header, and the periods of the first rows."""
        table = Table(chunks_of(path))
        time = [table.layout.at(name) for name in ("time_identifier", "time_period")]
        periods = {tuple(row[at] for at in time) for row in islice(table.rows(), FIRST_ROWS) if row}
        series = kept_for_columns(table.layout.others, origin, path.name, periods)
        if not series:
            raise CommandError(f"No kept mapping fits {path.name}: give --indicator, --column and --filter.")
        return self.as_described(series, self.described(path, table.layout.others))

    def given_series(self, path: Path, origin: Origin) -> list[Series]:
        options = self.options
        indicator = Indicator.objects.filter(code=options["indicator"]).first()
        if indicator is None:
            raise CommandError(f'There is no indicator with the code "{options["indicator"]}".')
        series = Series(
            indicator.pk, options["column"], dict(options["filter"]),
            options["reads_as"] or term_of(dict(options["filter"])), origin.state,
            options["numerator"], options["denominator"],
        )  # fmt: skip
        return self.as_described([series], self.described(path, series.columns))

    def described(self, path: Path, columns: list[str]) -> dict:
        """What the files beside it say of its columns."""
        options = self.options
        described = {}
        if options["data_guidance"]:
            described |= read_guidance(options["data_guidance"].read_bytes(), path.name, columns)
        if options["meta"]:
            described |= read_meta(options["meta"].read_bytes())
        return described

    def as_described(self, series: list[Series], described: dict) -> list[Series]:
        """A column whose description calls it provisional is so."""
        for each in series:
            labels = (described[name].label for name in each.columns if name in described)
            each.state = str(least_sure(each.state, *map(state_said, labels)))
        return series

    def propose(self, path: Path, series: list[Series]) -> None:
        """Where filters are left open, the item that stands for all; a refusal where none is clear."""
        table = Table(chunks_of(path))
        contents = survey(table, self.described(path, table.layout.others))
        for each in series:
            each.filters = proposed_filters(contents, each, each.filters)
            for name, item in each.filters.items():
                if not item:
                    items = ", ".join(contents.column(name).items[:10])
                    raise CommandError(f'Choose an item of "{name}" with --filter "{name}=...", such as {items}.')

    def refuse_unfit(self, result: Rehearsed) -> None:
        refused, fitting = len(result.found.refused), {identity.series for identity in result.found.figures}
        if refused and not self.options["leave_out_refused"]:
            raise CommandError(
                f"{plural(refused, 'row')} refused, so nothing was written. Mend the file, or give --leave-out-refused."
            )
        for number, series in enumerate(result.series):
            if number not in fitting and not refused:
                items = "".join(f", {name}: {item}" for name, item in series.filters.items())
                raise CommandError(f"No row fits {series.column}{items}. Nothing was written.")

    def tell(self, made: FigureImport, said: dict) -> None:
        origin = origin_of(made)
        assumed = " (assumed)" if origin.is_day_assumed else ""
        self.stdout.write(f"{made.file_name}: {origin.name}, published on {in_words(origin.published_on)}{assumed}")
        titles = Indicator.objects.in_bulk([each["indicator"] for each in said["series"]])
        for each in said["series"]:
            chosen = "".join(f", {name}: {item}" for name, item in each["filters"].items())
            state = "" if each["state"] == "final" else f" ({each['state']})"
            self.stdout.write(f"  {titles[each['indicator']].title}{state}: {each['column']}{chosen}")
        for deed, word in DEEDS:
            self.stdout.write(f"  {word}: {said['counts'][deed]:,}")
        self.stdout.write(f"  Refused: {said['counts']['refused']:,}")
        self.tell_details(said)

    def tell_details(self, said: dict) -> None:
        for line in said["first"]["restated"][:SHOWN]:
            self.stdout.write(
                f"    row {line['row']}: {line['place']}, {line['period']}: {line['old']} -> {line['new']}"
            )
        for line in said["first"]["refused"][:SHOWN]:
            self.stdout.write(f'    row {line["row"]}, {line["column"]}, "{line["cell"]}": {line["reason"]}')
        for level, count in said["other_levels"].items():
            self.stdout.write(f"  Passed over: {plural(count, 'row')} of level {level}")
        if said["other_places_count"]:
            names = "; ".join(name for name, _ in said["other_places"][:10])
            self.stdout.write(
                f"  Passed over: {plural(said['other_places_count'], 'place')} not held here, such as {names}"
            )
        for state, count in said["less_sure"].items():
            self.stdout.write(f"  {plural(count, 'row')} say that they are {state}, and are taken so")
        for question in said["questions"]:
            self.stdout.write(f"  Look at this: {question}")


def chunks_of(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(PIECE):
            yield chunk
