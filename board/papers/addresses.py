"""The whole addresses that stand in papers: of the page that shows the same figure as at the same moment."""

from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import quote

from people.scoping import address_of_moment
from strategies.models import Strategy


@dataclass(frozen=True, slots=True)
class Addresses:
    """`base` is how the product is reached ("https://tracker.example"); `narrowing` what a part of a plan adds to its table."""

    base: str
    strategy: Strategy
    moment: datetime
    narrowing: str = ""

    def at(self, path: str, *queries: str, day: date | None = None) -> str:
        asked = "&".join(filter(None, [*queries, f"as_at={day or address_of_moment(self.moment)}"]))
        return f"{self.base}{path}?{asked}"

    @property
    def of_area(self) -> str:
        return f"/{self.strategy.area.slug}/"

    @property
    def of_plan(self) -> str:
        return f"{self.of_area}{self.strategy.slug}/"

    def board(self, *, compare: datetime | None = None, anchor: str = "") -> str:
        asked = f"compare={address_of_moment(compare)}" if compare else ""
        return self.at(self.of_plan, asked) + (f"#{anchor}" if anchor else "")

    def actions(self, query: str = "", *, day: date | None = None) -> str:
        """The action table, narrowed to the rows that a number counts; the part of the plan is said once."""
        name = self.narrowing.partition("=")[0]
        part = "" if not name or f"{name}=" in query else self.narrowing
        return self.at(f"{self.of_plan}actions/", part, query, day=day)

    def action(self, key: str) -> str:
        return self.at(f"{self.of_area}actions/{key}/")

    def objective(self, key: str) -> str:
        return self.at(f"{self.of_plan}objectives/{key}/")

    def kpis(self) -> str:
        return self.at(f"{self.of_area}kpis/")

    def kpi(self, code: str) -> str:
        return self.at(f"{self.of_area}kpis/{code}/")

    def document(self, slug: str) -> str:
        return self.at(f"{self.of_area}documents/{slug}/")

    def meeting(self, held_on: date) -> str:
        return self.at(f"{self.of_area}meetings/{held_on}/")

    def risk(self, ref: str) -> str:
        return self.at(f"{self.of_plan}risks/{quote(ref, safe='')}/")

    def risks(self, *queries: str) -> str:
        """The register, narrowed to the risks that a number counts."""
        return self.at(f"{self.of_plan}risks/", *queries) + "#register"

    def of_letter(self, address: str, letter: str, *, name: str = "assessed") -> str:
        return f"{address}&{name}={quote(letter)}"
