"""Who is meant by the words in a plan's columns: a lead by name, initials, role or address; a body by its name.

What fits exactly is taken. What is only alike is proposed, and what fits nobody is asked for: the officer chooses.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from board.plan_import.grids import normal
from kpis.models import Kpi
from people.models import Lead, Partner, User
from strategies.models import Area

ALIKE = 90
NOBODY, NEW = "nobody", "new"
NONE_SAID = {"", "tbc", "tba", "tbd", "n a", "na", "none", "to be confirmed", "vacant", "all", "to be agreed"}
# Cyrillic letters that only look Latin split a key of initials in two.
LOOK_ALIKE = str.maketrans("АВЕКМНОРСТХасеорху", "ABEKMHOPCTXaceopxy")
SEPARATORS = re.compile(r"\s*(?:[/;,&\n]|\band\b|\bwith\b)\s*")
SURE_SEPARATORS = re.compile(r"\s*[;\n]\s*")
WITH_ROLE = re.compile(r"^(?P<name>[^(),]{3,120}?)\s*(?:\((?P<in>[^)]{2,160})\)|,\s*(?P<after>.{2,160}))$")
ADDRESS = re.compile(r"[^@\s<>]{1,64}@[^@\s<>]{1,190}\.[a-z]{2,}", re.I)


def key_of(text: str) -> str:
    return normal(text.translate(LOOK_ALIKE))


@dataclass(frozen=True, slots=True)
class Found:
    """`chosen`: "lead-12", "partner-3", or "" where nobody fits; `is_sure` where nothing need be asked."""

    chosen: str = ""
    is_sure: bool = False


@dataclass
class Directory:
    """The leads and bodies of an area that a sign-in may name, and the KPIs it tracks: three queries."""

    leads: dict[str, Lead] = field(default_factory=dict)
    partners: dict[str, Partner] = field(default_factory=dict)
    kpis: dict[str, Kpi] = field(default_factory=dict)
    exact: dict[str, set[str]] = field(default_factory=dict)
    bodies: dict[str, set[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, area: Area, by: User | None, on: date) -> "Directory":
        leads = Lead.objects.in_post(on).filter(area=area).select_related("user")
        partners = Partner.objects.filter(area=area, successor=None)
        if by is not None and by.is_illustrative:
            leads, partners = leads.filter(is_illustrative=True), partners.filter(is_illustrative=True)
        kpis = Kpi.objects.filter(area=area, retired_at=None).select_related("indicator")
        found = cls(
            {f"lead-{lead.pk}": lead for lead in leads.order_by("pk")},
            {f"partner-{partner.pk}": partner for partner in partners.order_by("pk")},
            {normal(kpi.indicator.title): kpi for kpi in kpis},
        )
        for code, lead in found.leads.items():
            for words in {lead.name, lead.role, lead.email, lead.user.email if lead.user else ""}:
                found._file(found.exact, words, code)
        for code, partner in found.partners.items():
            found._file(found.bodies, partner.name, code)
        for code, lead in found.leads.items():  # initials last: a name of the same letters goes before
            if key_of(lead.initials) not in found.exact:
                found._file(found.exact, lead.initials, code)
        return found

    def _file(self, where: dict, words: str, code: str) -> None:
        if key_of(words):
            where.setdefault(key_of(words), set()).add(code)

    def lead(self, text: str) -> Found:
        """Name, role and address exactly; initials; a body that is named as a lead; else the most alike, as a proposal."""
        for words in (text, *(part for part in name_and_role(text) if part)):
            fitting = self.exact.get(key_of(words), set())
            if len(fitting) == 1:
                return Found(next(iter(fitting)), is_sure=True)
        body = self.body(text)
        return body if body.is_sure else Found(self._most_alike(text))

    def body(self, text: str) -> Found:
        fitting = self.bodies.get(key_of(text), set())
        if len(fitting) == 1:
            return Found(next(iter(fitting)), is_sure=True)
        return Found(self._alike(text, {code: partner.name for code, partner in self.partners.items()}))

    def _most_alike(self, text: str) -> str:
        names = {code: lead.name for code, lead in self.leads.items()}
        roles = {code: lead.role for code, lead in self.leads.items() if lead.role}
        return self._alike(name_and_role(text)[0], names) or self._alike(text, roles)

    def _alike(self, text: str, among: dict[str, str]) -> str:
        from rapidfuzz import fuzz, process

        best = process.extractOne(text, among, scorer=fuzz.WRatio, processor=key_of, score_cutoff=ALIKE)
        return best[2] if best and len(key_of(text)) > 3 else ""

    def kpi(self, text: str) -> Kpi | None:
        return self.kpis.get(normal(text))

    def names_in(self, text: str) -> list[str]:
        """One or more: the whole where it fits somebody, else its parts where each, or one of them, fits somebody."""
        if key_of(text) in NONE_SAID:
            return []
        if self.lead(text).is_sure:
            return [text]
        sure = [part for part in SURE_SEPARATORS.split(text) if part.strip()]
        if len(sure) > 1:
            return [name for part in sure for name in self.names_in(part)]
        parts = [part for part in SEPARATORS.split(text) if part.strip()]
        if len(parts) > 1 and (any(self.lead(part).is_sure for part in parts) or all(map(_are_initials, parts))):
            return parts
        return [text]


def _are_initials(text: str) -> bool:
    return text.isupper() and text.isalpha() and 2 <= len(text) <= 4


def name_and_role(text: str) -> tuple[str, str]:
    """ "Jane Doe (Head of SEND)" and "Jane Doe, Head of SEND" give both."""
    found = WITH_ROLE.match(" ".join(text.split()))
    if found is None:
        return " ".join(text.split()), ""
    return found["name"], (found["in"] or found["after"] or "").strip()


def address_in(text: str) -> str:
    found = ADDRESS.search(text)
    return found[0] if found else ""


@dataclass(frozen=True, slots=True)
class Asked:
    """Words that nobody fits for sure, with who is alike and how many actions name them."""

    key: str
    text: str
    proposed: str
    count: int


def asked(texts: Iterable[tuple[str, Found]]) -> list[Asked]:
    """Once for each wording; what is sure is not asked."""
    found: dict[str, list] = {}
    for text, fit in texts:
        if not fit.is_sure:
            found.setdefault(key_of(text), [text, fit.chosen, 0])[2] += 1
    return [Asked(key, *values) for key, values in found.items() if key]
