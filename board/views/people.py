"""Who answers for what, and how fresh what they say is."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import quote

from django.db.models import Exists, OuterRef, Prefetch
from django.views.generic import TemplateView

from board.filters import NOWHERE
from kpis.models import Kpi
from people.models import Lead, Partner
from people.roles import may_edit, may_manage_people
from people.scoping import InAreaMixin
from strategies.models import Strategy
from workstrands.models import Action
from workstrands.rollup import counts
from workstrands.standing import Standing, standings
from workstrands.status import SHOWN_WORDS


@dataclass
class LeadRow:
    """What one lead, or nobody, answers for in one plan."""

    lead: Lead | None
    table: str  # the address of the plan's action table, open for one more filter
    led: list[Standing] = field(default_factory=list)
    supported: int = 0

    @property
    def bar(self) -> list[tuple[str, int, str, str]]:
        """Counts by assessed status, as the bars take them."""
        return [
            (letter, count, SHOWN_WORDS[letter], f"{self.led_rows}&assessed={quote(letter)}")
            for letter, count in counts(self.led).items()
        ]

    @property
    def led_rows(self) -> str:
        """Where the actions stand that they lead, or that nobody leads."""
        return f"{self.table}lead={self.lead.pk}&part=leads" if self.lead else f"{self.table}lead={NOWHERE}"

    @property
    def supported_rows(self) -> str:
        return f"{self.table}lead={self.lead.pk}&part=supports" if self.lead else ""

    @property
    def live(self) -> int:
        return sum(row.is_live for row in self.led)

    @property
    def fresh(self) -> int:
        return sum(row.is_live and row.is_fresh for row in self.led)

    @property
    def last_said_on(self) -> date | None:
        return max((row.said.said_on for row in self.led if row.said), default=None)

    @property
    def unheard(self) -> int:
        """Live actions of which nothing was ever said."""
        return sum(row.is_live and row.said is None for row in self.led)


@dataclass
class PlanPeople:
    """A plan and those who answer for it, the fullest hands first; nobody comes last."""

    plan: Strategy
    has_ended: bool
    rows: list[LeadRow]


@dataclass(frozen=True, slots=True)
class Idle:
    """A lead without an action in any plan."""

    lead: Lead
    kpis: int


@dataclass(frozen=True, slots=True)
class PartnerRow:
    partner: Partner
    in_post: list[str]  # names of its leads


def lead_rows(leads: dict[int, Lead], standing: Iterable[Standing], supported: Counter, *, table: str) -> list[LeadRow]:
    rows: dict[int | None, LeadRow] = {}
    for one in standing:
        rows.setdefault(one.lead_id, LeadRow(leads.get(one.lead_id), table)).led.append(one)
    for lead, count in supported.items():
        rows.setdefault(lead, LeadRow(leads.get(lead), table)).supported = count
    return sorted(rows.values(), key=lambda row: (row.lead is None, -len(row.led), row.lead.name if row.lead else ""))


class PeopleView(InAreaMixin, TemplateView):
    template_name = "board/people.html"
    nav = "people"
    tells_of_people = True  # noted in the audit log

    def get_context_data(self, **kwargs):
        leads = {lead.pk: lead for lead in Lead.objects.filter(area=self.area).select_related("partner")}
        for lead in leads.values():
            lead.area = self.area
        tracked = Kpi.objects.existing(self.when.moment).filter(area=self.area, owner__isnull=False)
        owned = Counter(tracked.values_list("owner", flat=True))
        plans = self.plan_people(leads)
        busy = {row.lead.pk for people in plans for row in people.rows if row.lead}
        return super().get_context_data(
            plans=plans,
            idle=[Idle(lead, owned[lead.pk]) for lead in leads.values() if lead.pk not in busy],
            left={lead.pk for lead in leads.values() if lead.left_on and lead.left_on <= self.when.day},
            partners=self.partners(),
            may_edit=may_edit(self.membership) and not self.when.as_at,
            may_manage=may_manage_people(self.membership) and not self.when.as_at,
            **{**kwargs, "area": self.area},
        )

    def plan_people(self, leads: dict[int, Lead]) -> list[PlanPeople]:
        """Running plans first; queries grow with plans, not with people or actions."""
        has_actions = Exists(Action.objects.filter(strategy=OuterRef("pk")))
        plans = Strategy.objects.published().filter(has_actions, area=self.area, starts_on__lte=self.when.day)
        supported = self.supported()
        found = []
        for plan in plans.order_by("-ends_on"):
            plan.area = self.area
            standing = standings(plan, self.when.moment)
            shown = {one.id for one in standing}
            by_lead = Counter(lead for lead, action in supported[plan.pk] if action in shown)
            rows = lead_rows(leads, standing, by_lead, table=self.table_of(plan))
            found.append(PlanPeople(plan, plan.has_ended(self.when.day), rows))
        return found

    def table_of(self, plan: Strategy) -> str:
        as_at = f"as_at={self.when.as_at}&" if self.when.as_at else ""
        return f"{plan.get_absolute_url()}actions/?{as_at}"

    def supported(self) -> dict[int, list[tuple[int, int]]]:
        """(lead, action) by plan."""
        pairs = defaultdict(list)
        links = Action.supporting_leads.through.objects.filter(action__area=self.area)
        for plan, lead, action in links.values_list("action__strategy", "lead", "action"):
            pairs[plan].append((lead, action))
        return pairs

    def partners(self) -> list[PartnerRow]:
        found = Partner.objects.filter(area=self.area).select_related("successor", "area")
        in_post = Lead.objects.in_post(self.when.day).filter(area=self.area)
        return [
            PartnerRow(partner, [lead.name for lead in partner.leads.all()])
            for partner in found.prefetch_related(Prefetch("leads", in_post))
        ]
