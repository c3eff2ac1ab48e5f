"""Who is meant by the words in a plan's columns: a lead by name, initials, role or address; a body by its name.

What fits exactly is taken. What is only alike is proposed, and what fits nobody is asked for: the officer chooses.
A cell that names several people is taken apart where one of them is known, or stands alone in another cell of the file.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from types import MappingProxyType

from board.plan_import.errors import NotAPlan
from board.plan_import.grids import normal
from kpis.models import Kpi
from people.models import Lead, Partner, User
from strategies.models import Area

ALIKE = 90
MOST_NAMES = 12  # in one cell: more than that is a text
MOST_LINES = 50  # in one cell, where each stands on a line of its own
LONGEST_NAME = 300  # with a role; longer ones are texts, and like nobody's name
MOST_COMPARED = (
    1000  # different names that nobody has: each is compared with everybody, and the page has a row for each
)
TOO_MANY_NAMES = (
    f"The file names more than {MOST_COMPARED:,} people and bodies whom nobody here fits. Choose the columns of leads and"
    " partners again, or bring it in as several files."
)
NOBODY, NEW = "nobody", "new"
SAME, BODY = "same-", "body-"  # before the key of another name of the file; before the sector of a new body
SEVERAL, WHOLE = "several", "whole"  # what a cell with separators holds: several leads, or the name of one
NONE_SAID = {"", "tbc", "tba", "tbd", "n a", "na", "none", "to be confirmed", "vacant", "all", "to be agreed"}
# Cyrillic letters that only look Latin split a key of initials in two.
LOOK_ALIKE = str.maketrans("АВЕКМНОРСТХасеорху", "ABEKMHOPCTXaceopxy")
# What stands around them is stripped: to look for it at each of many spaces in a row would take hours.
SEPARATORS = re.compile(r"[/;,&\n]|\band\b|\bwith\b")
SURE_SEPARATORS = re.compile(r"[;\n]")
# After a comma these tell a person's post from a second person.
POST = re.compile(
    r"\b(?:head|lead|manager|director|officer|coordinator|principal|chief|advis[eo]r|commissioner|chair|of)\b", re.I
)
FORUM = re.compile(r"\bparent[ -]?carer forum$|\bPCF$", re.I)
WITH_ROLE = re.compile(r"^(?P<name>[^(),]{3,120}?)\s*(?:\((?P<in>[^)]{2,160})\)|,\s*(?P<after>.{2,160}))$")
# From the beginning of a word: from each of its letters it would be looked for as often.
ADDRESS = re.compile(r"(?<![^@\s<>])[^@\s<>]{1,64}@[^@\s<>]{1,190}\.[a-z]{2,}", re.I)


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
    alike: dict[tuple[str, str], str] = field(default_factory=dict)

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
        known = self.known(text)
        return Found(known, is_sure=True) if known else Found(self._alike_to(text, self._most_alike))

    def known(self, text: str) -> str:
        """The lead or body that fits for sure: looked up, not compared with each."""
        for words in (text, *(part for part in name_and_role(text) if part)):
            fitting = self.exact.get(key_of(words), set())
            if len(fitting) == 1:
                return next(iter(fitting))
        return self._known_body(text)

    def _known_body(self, text: str) -> str:
        fitting = self.bodies.get(key_of(text), set())
        return next(iter(fitting)) if len(fitting) == 1 else ""

    def body(self, text: str) -> Found:
        known = self._known_body(text)
        return Found(known, is_sure=True) if known else Found(self._alike_to(text, self._most_alike_body))

    def _alike_to(self, text: str, most_alike: Callable[[str], str]) -> str:
        """Once for each wording."""
        key = most_alike.__name__, text
        if key not in self.alike:
            if len(self.alike) >= MOST_COMPARED:
                raise NotAPlan(TOO_MANY_NAMES)
            self.alike[key] = most_alike(text)
        return self.alike[key]

    def _most_alike(self, text: str) -> str:
        person = self._alike(name_and_role(text)[0], self.names) or self._alike(text, self.roles)
        return person or self._known_body(text) or self._most_alike_body(text)

    def _most_alike_body(self, text: str) -> str:
        return self._alike(text, self.partner_names)

    @cached_property
    def names(self) -> dict[str, str]:
        return {code: key_of(lead.name) for code, lead in self.leads.items()}

    @cached_property
    def roles(self) -> dict[str, str]:
        return {code: key_of(lead.role) for code, lead in self.leads.items() if lead.role}

    @cached_property
    def partner_names(self) -> dict[str, str]:
        return {code: key_of(partner.name) for code, partner in self.partners.items()}

    def _alike(self, text: str, among: dict[str, str]) -> str:
        from rapidfuzz import fuzz, process

        if len(text) > LONGEST_NAME or len(key := key_of(text)) <= 3:
            return ""
        best = process.extractOne(key, among, scorer=fuzz.WRatio, score_cutoff=ALIKE)
        return best[2] if best else ""

    def kpi(self, text: str) -> Kpi | None:
        return self.kpis.get(normal(text))

    def names_in(
        self, text: str, *, alone: Iterable[str] = (), said: Mapping[str, str] = MappingProxyType({})
    ) -> list["Named"]:
        """One or more. `alone` are the names (as keys) that fill a cell of the file by themselves; `said`: by wording,
        whether it was said to be several leads or one."""
        if key_of(text) in NONE_SAID:
            return []
        if self.known(text):
            return [Named(text)]
        sure = [part.strip() for part in SURE_SEPARATORS.split(text) if part.strip()]
        if 1 < len(sure) <= MOST_LINES:
            return [name for part in sure for name in self.names_in(part, alone=alone, said=said)]
        parts, chosen = parts_in(text), said.get(key_of(text), "")
        if parts and (chosen == SEVERAL or (chosen != WHOLE and self._are_several(parts, text, alone))):
            return [Named(part, text) for part in parts]
        return [Named(text)]

    def _are_several(self, parts: list[str], text: str, alone: Iterable[str]) -> bool:
        known = [bool(self.known(part)) or key_of(part) in alone for part in parts]
        if known == [True, False] and "," in text and POST.search(parts[1]) and not POST.search(parts[0]):
            return False  # a person and their post
        return any(known) or all(map(_are_initials, parts)) or all(map(ADDRESS.fullmatch, parts))


@dataclass(frozen=True, slots=True)
class Named:
    """A name, and the wording that it was taken out of where that names several."""

    text: str
    within: str = ""


def parts_in(text: str) -> list[str]:
    """What stands between separators, where that can be several names; else nothing."""
    parts = [part.strip() for part in SEPARATORS.split(text) if part.strip()]
    are_names = 1 < len(parts) <= MOST_NAMES and all(
        len(key_of(part)) > 1 and part.count("(") == part.count(")") for part in parts
    )
    return [part for part in parts if key_of(part) not in NONE_SAID] if are_names else []


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
    within: str = ""  # the wording that it was taken out of


def asked(texts: Iterable[tuple[str, Found, str]]) -> list[Asked]:
    """Once for each wording; what is sure is not asked."""
    found: dict[str, list] = {}
    for text, fit, within in texts:
        if not fit.is_sure:
            kept = found.setdefault(key_of(text), [text, fit.chosen, 0, within])
            kept[2] += 1
            kept[3] = kept[3] and within  # one that also stands alone is a name for sure
    for values in found.values():
        if values[1].startswith(SAME) and values[1].removeprefix(SAME) not in found:
            values[1] = ""  # who that is need not be asked
    return [Asked(key, *values) for key, values in found.items() if key]


def settled_as(key: str, chosen: Mapping[str, str]) -> tuple[str, str]:
    """What was chosen for a name, and the name for which it was: one may be the same as another of the file."""
    passed = set()
    while (choice := chosen.get(key, "")).startswith(SAME) and key not in passed:
        passed.add(key)
        key = choice.removeprefix(SAME)
    return ("", key) if choice.startswith(SAME) else (choice, key)
