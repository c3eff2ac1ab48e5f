"""The page for families: what was promised, what has been done, what comes next, you said and we did.

It is proposed from the records, put into plain words by an officer, and frozen when it is published: what the public sees
is the text of that moment. Publishing again is the next number; withdrawing is one too. Nobody is named, and no count of
people under six is told (`board.small_numbers`). Nothing that was ever withdrawn can be read by the public again.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q

from board.identifying import email_problem, names_in
from board.models import PublicPage
from board.small_numbers import SMALL, may_show_share, near_counts_in, small_counts_in
from board.voices import known_words
from common.dates import london_day, month_in_words
from common.text import text_problem, tidy
from common.words import listed
from kpis.appending import append, latest_of
from kpis.models import Kpi, Measurement
from kpis.rating import show_value
from kpis.vocabulary import Unit
from people.models import Lead, User
from strategies.models import Area, Strategy, YouSaidWeDid
from workstrands.models import Deadline, ProgressUpdate
from workstrands.standing import Standing, assessed_moment, standings
from workstrands.status import EMBEDDED, Status

SECTIONS = {
    "promised": "What we promised",
    "done": "What we have done",
    "next": "What comes next",
}
PAIRS, PAIRS_TITLE = "said", "You said, we did"
MOST_ITEMS, MOST_PROPOSED, MOST_FIGURES = 40, 8, 4
LONGEST_ITEM, LONGEST_SENTENCE = 600, 25
# Said by professionals and not by everybody: the officer is asked to say it in other words, or to explain it.
JARGON = {
    "EHC": "education, health and care", "EHCP": "education, health and care plan", "CYP": "children and young people",
    "SENCO": "the school’s special needs coordinator", "CAMHS": "mental health services for children", "PfA": "preparing for adulthood",
    "ICB": "the local NHS", "SALT": "speech and language therapy", "co-production": "working together with families",
    "stakeholders": "people", "commissioning": "buying services", "pathway": "the steps to get help", "multi-agency": "working together",
    "graduated response": "help that grows with the need", "cohort": "group", "provision": "help, or places",
}  # fmt: skip


# Rules


def content_problems(content: dict) -> dict[str, str]:
    """What stands in the way of publishing, by the name of the field that holds it ("promised_0", "said_2", "did_2")."""
    found = {name: _problem(text) for name, text in texts_of(content)}
    found = {name: problem for name, problem in found.items() if problem}
    for i, (said, did) in enumerate(content[PAIRS]):
        if bool(said) != bool(did):
            found.setdefault(f"{'did' if said else 'said'}_{i}", "Say what was done." if said else "Say what was said.")
    return found


def _problem(text: str) -> str:
    problem = text_problem(text, name="This", limit=LONGEST_ITEM) or email_problem(text)
    small = small_counts_in(text)
    if not problem and small:
        return f"“{small[0]}” tells a count of people under {SMALL}, or gives one away by subtraction. Say it without the number."
    return problem or ""


def questions_of(content: dict, *, known: Iterable[str] = (), people: Iterable[str] = ()) -> list[str]:
    """What an officer must have looked at before these texts are published, as sentences."""
    known, people = list(known), list(people)
    texts = [text for _, text in texts_of(content) if text]
    names = [name for text in texts for name in names_in(text, known=known)]
    names += [
        name for name in people if any(re.search(rf"\b{re.escape(name)}\b", text, re.IGNORECASE) for text in texts)
    ]
    asked = []
    if names:
        asked.append(f"May this name a person: {listed(f'“{name}”' for name in dict.fromkeys(names))}?")
    for one, other in near_counts_in(texts)[:3]:
        asked.append(f"Can a number under {SMALL} be worked out from “{one}” and “{other}”?")
    return asked


def hints_of(text: str) -> list[str]:
    """How a text could be put more plainly, as sentences: never in the way of publishing."""
    hints = []
    longest = max((len(sentence.split()) for sentence in re.split(r"(?<=[.!?;:])\s+", text)), default=0)
    if longest > LONGEST_SENTENCE:
        hints.append(f"A sentence here has {longest} words: make it two.")
    for word, plain in JARGON.items():
        if re.search(rf"\b{re.escape(word)}s?\b", text, 0 if word.isupper() else re.IGNORECASE):
            hints.append(f"“{word}” could be “{plain}”.")
    return hints


def texts_of(content: dict) -> list[tuple[str, str]]:
    """(name of its field, text) of every text, in the order of the page."""
    found = [("intro", content["intro"])]
    found += [(f"{name}_{i}", text) for name in SECTIONS for i, text in enumerate(content[name])]
    for i, (said, did) in enumerate(content[PAIRS]):
        found += [(f"said_{i}", said), (f"did_{i}", did)]
    return found


def tidied(content: dict) -> dict:
    """Without empty lines, and with nothing but its own parts."""
    kept = {"intro": tidy(content["intro"]), PAIRS: []}
    kept |= {name: [tidy(text) for text in content[name] if tidy(text)] for name in SECTIONS}
    kept[PAIRS] = [[tidy(said), tidy(did)] for said, did in content[PAIRS] if tidy(said) or tidy(did)]
    return kept


def grouped_pairs(pairs: Iterable[Iterable[str]]) -> list[tuple[str, list[str]]]:
    """What was said once, with everything done in answer to it."""
    found: dict[str, list[str]] = {}
    for said, did in pairs:
        found.setdefault(said, []).append(did)
    return list(found.items())


# Reading


@dataclass(frozen=True, slots=True)
class Proposal:
    """What the page could say as at a moment; whether any of it is made up."""

    content: dict = field(default_factory=dict)
    is_illustrative: bool = False


def proposal(area: Area, plan: Strategy | None, moment: datetime) -> Proposal:
    """From the plan's priorities, its actions, its figures and what families were answered."""
    content = {"intro": _intro(area), "promised": [], "done": [], "next": [], PAIRS: _pairs(area)}
    if plan is None:
        return Proposal(content)
    rows = standings(plan, assessed_moment(plan, moment))
    done, coming = _done(rows), _coming(rows, london_day(moment))
    content["promised"] = [
        priority.statement or priority.title for priority in plan.priorities.order_by("position", "pk")
    ]
    content["promised"] = [_first_sentence(text) for text in content["promised"]]
    content["done"] = [_sentence(row.title) for row in done] + _figures(area, moment)
    content["next"] = [f"By {month_in_words(row.due_on)}: {_sentence(row.title)}" for row in coming]
    return Proposal(content, _rests_on_illustration(done, coming))


def _intro(area: Area) -> str:
    return (
        f"This page is for families of children and young people with special educational needs or a disability in {area.name}. "
        "It says what we promised, what we have done and what comes next."
    )


def _done(rows: list[Standing]) -> list[Standing]:
    found = [row for row in rows if row.assessed in (Status.COMPLETE, EMBEDDED) and row.said]
    return sorted(found, key=lambda row: row.said.said_at, reverse=True)[:MOST_PROPOSED]


def _coming(rows: list[Standing], day: date) -> list[Standing]:
    found = [row for row in rows if row.is_live and row.due_on and row.due_on > day]
    return sorted(found, key=lambda row: (row.due_on, row.position))[:MOST_PROPOSED]


def _rests_on_illustration(done: list[Standing], coming: list[Standing]) -> bool:
    said = ProgressUpdate.objects.filter(pk__in=[row.said.id for row in [*done, *coming] if row.said])
    dated = Deadline.objects.filter(action__in=[row.id for row in coming])
    return said.filter(is_illustrative=True).exists() or dated.filter(is_illustrative=True).exists()


def _pairs(area: Area) -> list[list[str]]:
    """Of the latest document that holds any."""
    rows = list(YouSaidWeDid.objects.filter(area=area).select_related("source").order_by("source", "position", "pk"))
    dated = [row.source.published_on for row in rows if row.source]
    latest = [row for row in rows if not dated or (row.source and row.source.published_on == max(dated))]
    return [[_sentence(row.said), _first_sentence(row.did)] for row in latest[:MOST_PROPOSED]]


def _figures(area: Area, moment: datetime) -> list[str]:
    """The latest published figures of the headline KPIs, where none of them tells of few people."""
    kpis = Kpi.objects.in_use().filter(area=area, is_headline=True, is_illustrative=False).select_related("indicator")
    kpis = list(kpis.order_by("position", "pk")[:MOST_FIGURES])
    known = Measurement.objects.known_by(moment).filter(
        area=area,
        indicator__in=[kpi.indicator_id for kpi in kpis],
        breakdown="",
        is_illustrative=False,
        value__isnull=False,
    )
    latest = {row.indicator_id: row for row in known.order_by("period_end", "number")}
    return [
        _figure(kpi.indicator, row)
        for kpi in kpis
        if (row := latest.get(kpi.indicator_id)) and may_show_figure(kpi.indicator, row)
    ]


def _figure(indicator, row: Measurement) -> str:
    shown = show_value(row.value, indicator.unit, indicator.decimals)
    label = row.period_label or str(row.period_end.year)
    when = f" in {label}" if any(each.isdigit() for each in label) else ""  # a figure that its document does not date
    return f"{indicator.title}: {shown}{when}."


def may_show_figure(indicator, row) -> bool:
    """A count of people from six; a share only where neither it nor its rest is smaller."""
    if indicator.counts_people and indicator.unit == Unit.COUNT:
        return row.value >= SMALL
    if row.numerator is not None and row.denominator is not None:
        return may_show_share(int(row.numerator), int(row.denominator))
    return True


def _sentence(text: str) -> str:
    text = tidy(text)[:LONGEST_ITEM]
    return text if text.endswith((".", "!", "?", "…")) or not text else f"{text}."


def _first_sentence(text: str) -> str:
    paragraph = next((line for line in tidy(text).split("\n") if line.strip()), "")
    return _sentence(re.split(r"(?<=[.!?])\s+", paragraph)[0])


def people_of(area: Area) -> list[str]:
    """The names of those who answer for work or sign in here: none of them is named to the public."""
    leads = Lead.objects.filter(area=area, is_illustrative=False).values_list("name", flat=True)
    users = User.objects.filter(Q(memberships__area=area), is_illustrative=False).values_list("name", flat=True)
    return sorted({name for name in (*leads, *users) if len(name.split()) > 1})


def standing_page(area_slug: str) -> PublicPage | None:
    """What the public is shown now; None where nothing is published, or it was withdrawn."""
    latest = PublicPage.objects.filter(area__slug=area_slug).select_related("area").order_by("-number").first()
    return None if latest is None or latest.withdrawn else latest


# Writing


@transaction.atomic
def publish(
    area: Area, plan: Strategy | None, content: dict, *, by: User, at: datetime, seen_number: int,
    allows_illustration: bool, is_checked: bool = False,
) -> PublicPage:  # fmt: skip
    """Freeze the content under the next number. `ValidationError` by field where it may not be told; `Conflict` where
    somebody else published in the meantime."""
    content = tidied(content)
    problems = content_problems(content)
    if not any(content[name] for name in SECTIONS):
        problems.setdefault("__all__", "Say at least what was promised, what has been done or what comes next.")
    if not problems and not is_checked:
        asked = questions_of(content, known=known_words(area), people=people_of(area))
        if asked:
            problems["is_checked"] = " ".join([*asked, "Take it out, or tick that you have checked."])
    is_illustrative = by.is_illustrative or proposal(area, plan, at).is_illustrative
    if is_illustrative and not allows_illustration:
        problems["__all__"] = (
            "Some of what this page rests on is illustrative. Families are told what is real: take the demonstration away first."
        )
    if problems:
        raise ValidationError(problems)
    content |= {"plan": plan.title if plan else "", "is_illustrative": is_illustrative}
    page = PublicPage(area=area, content=content, as_at=at, is_illustrative=is_illustrative)
    return append(page, area.public_pages.all(), by=by, at=at, seen_number=seen_number, same=("content", "withdrawn"))


@transaction.atomic
def withdraw(area: Area, *, by: User, at: datetime, seen_number: int) -> PublicPage:
    latest = latest_of(area.public_pages.all())
    if latest is None or latest.withdrawn:
        raise ValidationError("Nothing is published.")
    page = PublicPage(area=area, content={}, as_at=at, withdrawn=True, is_illustrative=latest.is_illustrative)
    return append(page, area.public_pages.all(), by=by, at=at, seen_number=seen_number, same=("content", "withdrawn"))
