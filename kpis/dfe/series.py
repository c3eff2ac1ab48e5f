"""What feeds an indicator: one column, one item of each filter, and which part of its year the file means.

A `Series` is plain values, kept in the import as JSON, and as a `ColumnMapping` for the next release.
"""

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass, field
from datetime import date

from kpis.dfe.contents import Contents
from kpis.dfe.errors import Unreadable
from kpis.dfe.periods import READS_AS, period_of
from kpis.models import ColumnMapping


@dataclass
class Series:
    indicator: int
    column: str
    filters: dict[str, str] = field(default_factory=dict)
    reads_as: str = ""
    state: str = "final"
    numerator: str = ""
    denominator: str = ""

    as_dict = asdict

    @property
    def columns(self) -> list[str]:
        return [name for name in (self.column, self.numerator, self.denominator) if name]

    @classmethod
    def of_mapping(cls, mapping: ColumnMapping, names: Collection[str], state: str) -> "Series":
        """A kept mapping, as far as a file with these columns has its own."""
        return cls(
            mapping.indicator_id, mapping.column,
            {name: item for name, item in mapping.filters.items() if name in names}, mapping.reads_as, state,
            mapping.numerator if mapping.numerator in names else "",
            mapping.denominator if mapping.denominator in names else "",
        )  # fmt: skip


def of_source(mappings: Iterable[ColumnMapping], *, file_name: str, publication: str) -> list[ColumnMapping]:
    """The mappings kept from a file of this name; where there are none, those of other files of the publication.

    Files of one publication share column names that mean different things, so the name counts for more.
    """
    kept = list(mappings)
    of_name = [each for each in kept if each.file_name and plain_name(each.file_name) == plain_name(file_name)]
    return of_name or [each for each in kept if _tidied(each.publication) == _tidied(publication)]


def is_complete_for(mapping: ColumnMapping, contents: Contents) -> bool:
    """Whether a kept mapping can be used on this file as it is: its column is there, and each filter answered."""
    if mapping.column not in (column.name for column in contents.figures):
        return False
    for name, item in mapping.filters.items():
        held = contents.column(name)
        if held is None or item not in held.items:
            return False
    columns = (mapping.column, mapping.numerator, mapping.denominator)
    return all(column.name in mapping.filters for column in contents.filters_beside(columns))


def plain_name(file_name: str) -> str:
    """A file's name without its year or version: neet_2024.csv and neet_2025.csv are one."""
    stem = file_name.lower().removesuffix(".csv")
    return "".join(letter for letter in stem if letter.isalpha())


def _tidied(words: str) -> str:
    return " ".join(words.lower().replace(",", " ").split())


def proposed_reading(periods: Iterable[tuple[str, str]], known: set[tuple[date, date]]) -> str:
    """Which part of its year the file means, by the periods of the figures that stand; as the file says where none agree."""
    pairs = list(periods)

    def agreeing(reads_as: str) -> int:
        return sum(days_of(pair, reads_as) in known for pair in pairs)

    return max(READS_AS, key=agreeing) if known else ""


def days_of(pair: tuple[str, str], reads_as: str) -> tuple[date, date] | None:
    """First and last day of a period of a file; None where it cannot be read so."""
    try:
        return period_of(*pair, reads_as)[:2]
    except Unreadable:
        return None


def kept_for_file(file_name: str) -> str:
    """The publication whose mapping was kept from a file of this name; nothing where there is none."""
    kept = ColumnMapping.objects.exclude(publication="").order_by("-changed_at").values_list("file_name", "publication")
    return next((publication for name, publication in kept if plain_name(name) == plain_name(file_name)), "")


def proposed_filters(contents: Contents, series: Series, given: dict[str, str]) -> dict[str, str]:
    """An item of each filter: the one given, else the one that stands for all; nothing where neither is clear."""
    proposed = {column.name: column.proposed for column in contents.filters_beside(series.columns)}
    return {**proposed, **given}


TERM_ITEMS = {
    "autumn": "autumn", "spring": "spring", "summer": "summer", "autumn and spring": "autumn-spring",
}  # fmt: skip


def term_of(filters: dict[str, str]) -> str:
    """Where an item is a term (terms are a filter of some files), its rows are of that term, whatever year they write."""
    words = (item.lower().removesuffix("s").removesuffix(" term") for item in filters.values())
    return next((TERM_ITEMS[word] for word in words if word in TERM_ITEMS), "")
