"""Whose actions a workbook holds: those of one lead, or of a work strand."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from board.round_standing import running_plans
from common.dates import london_day
from common.words import sentence_case
from people.models import Lead, User
from strategies.models import Area, Strategy
from strategies.own_words import strand_word
from workstrands.models import Action, WorkStrand
from workstrands.reporting import actions_led_by, put_aside_because
from workstrands.standing import Standing, standings

LEAD, STRAND = "lead", "strand"


@dataclass(frozen=True, slots=True)
class Part:
    """`key` is how addresses and the workbook name it: lead.12, or strand.send-strategy.early-years."""

    key: str
    name: str
    count: int


def own_leads(user: User, area: Area, moment: datetime):
    """The lead records of an area that are a person's own, in post."""
    return Lead.objects.in_post(london_day(moment)).filter(area=area, user=user)


def is_to_report(standing: Standing, moment: datetime) -> bool:
    """Live, and nothing that the Board put aside."""
    return standing.is_live and not put_aside_because(standing.said, london_day(moment))


def stood(area: Area, moment: datetime, actions=None) -> list[tuple[Strategy, Standing]]:
    """The live actions of the running plans, or those of them among `actions`."""
    return [
        (plan, standing)
        for plan in running_plans(area, london_day(moment))
        for standing in standings(plan, moment, actions=actions)
        if is_to_report(standing, moment)
    ]


def parts_of(area: Area, moment: datetime) -> dict[str, list[Part]]:
    """What an officer can choose, each with the number of its live actions."""
    found = stood(area, moment)
    leads, strands = Counter(), Counter()
    supporting = Action.supporting_leads.through.objects.filter(action__in=[standing.id for _, standing in found])
    pairs = {(standing.lead_id, standing.id) for _, standing in found} | set(supporting.values_list("lead", "action"))
    leads.update(lead for lead, _ in pairs)
    strands.update(standing.workstrand_id for _, standing in found)
    in_post = Lead.objects.in_post(london_day(moment)).filter(area=area, pk__in=[pk for pk in leads if pk])
    of_area = WorkStrand.objects.filter(pk__in=[pk for pk in strands if pk]).select_related("strategy")
    parts = {
        "Leads": [Part(f"{LEAD}.{lead.pk}", lead.name, leads[lead.pk]) for lead in in_post],
        sentence_case(strand_word(is_plural=True)): [
            Part(strand_key(one), one.name, strands[one.pk]) for one in of_area
        ],
    }
    return {kind: found for kind, found in parts.items() if found}


def strand_key(strand: WorkStrand) -> str:
    return f"{STRAND}.{strand.strategy.slug}.{strand.slug}"


def actions_of_part(part: Lead | WorkStrand, moment: datetime):
    """Those that a lead leads or supports; those that hang on a strand."""
    if isinstance(part, Lead):
        return actions_led_by(Lead.objects.filter(pk=part.pk), moment)
    inside = [s.id for s in standings(part.strategy, moment) if s.workstrand_id == part.pk]
    return Action.objects.filter(pk__in=inside)


def part_named(key: str, area: Area, moment: datetime) -> Lead | WorkStrand | None:
    """None for an address that names nothing of the area."""
    kind, _, rest = key.partition(".")
    if kind == LEAD and rest.isascii() and rest.isdigit() and len(rest) < 16:
        return Lead.objects.in_post(london_day(moment)).filter(area=area, pk=int(rest)).first()
    plan, _, slug = rest.partition(".")
    if kind == STRAND and plan and slug:
        strands = WorkStrand.objects.filter(strategy__area=area, strategy__slug=plan, slug=slug)
        return strands.select_related("strategy__area").first()
    return None


def key_of(part: Lead | WorkStrand) -> str:
    return f"{LEAD}.{part.pk}" if isinstance(part, Lead) else strand_key(part)
