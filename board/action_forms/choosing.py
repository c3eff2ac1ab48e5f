"""What can be chosen in a form that keeps an action: the leads, partners and places of its plan."""

from dataclasses import dataclass, field

from django.core.exceptions import ValidationError

from kpis.models import Kpi
from people.models import Lead, Partner
from priorities.models import Priority
from strategies.models import Strategy
from workstrands.forms import with_role
from workstrands.models import Objective, WorkStrand
from workstrands.upkeep.places import Place
from workstrands.upkeep.placing import NOBODY


@dataclass(slots=True)
class Chosen:
    """The leads, partners and places of a plan that a form offers, by what stands in the form."""

    leads: dict[str, Lead] = field(default_factory=dict)
    partners: dict[str, Partner] = field(default_factory=dict)
    objectives: dict[str, Objective] = field(default_factory=dict)
    priorities: dict[str, Priority] = field(default_factory=dict)
    strands: dict[str, WorkStrand] = field(default_factory=dict)
    kpis: dict[str, Kpi] = field(default_factory=dict)

    @property
    def lead_choices(self) -> list[tuple[str, str]]:
        return [(pk, with_role(lead)) for pk, lead in self.leads.items()]

    @property
    def hand_over_choices(self) -> list[tuple[str, str]]:
        return [(NOBODY, "Nobody leads it now"), *self.lead_choices]

    def lead(self, value: str) -> Lead | str | None:
        """None where nothing was chosen; `NOBODY` where nobody is to lead."""
        return NOBODY if value == NOBODY else self.leads.get(value)

    @property
    def partner_choices(self) -> list[tuple[str, str]]:
        return [(pk, str(partner)) for pk, partner in self.partners.items()]

    @property
    def strand_choices(self) -> list[tuple[str, str]]:
        return [(slug, strand.name) for slug, strand in self.strands.items()]

    @property
    def place_choices(self) -> list:
        """Grouped; the values are those of the addresses: objective:o1, priority:1, strand:early-years."""
        groups = [
            ("Objectives", [(f"objective:{key}", str(one)) for key, one in self.objectives.items()]),
            ("Priorities", [(f"priority:{ref}", str(one)) for ref, one in self.priorities.items()]),
            ("Work strands", [(f"strand:{slug}", one.name) for slug, one in self.strands.items()]),
        ]
        return [group for group in groups if group[1]]

    def place(self, value: str, strand: str = "") -> Place | None:
        """None where nothing was chosen; `ValidationError` where an objective is given a work strand of its own."""
        kind, _, name = value.partition(":")
        also = self.strands.get(strand)
        if kind == "objective":
            if also:
                raise ValidationError({"strand": "An objective has its own work strand. Leave this empty."})
            return Place(objective=self.objectives[name])
        if kind == "priority":
            return Place(priority=self.priorities[name], workstrand=also)
        if not kind and also:
            raise ValidationError({"strand": "Choose the priority that it hangs on as well."})
        if kind == "strand" and also and also.slug != name:
            raise ValidationError({"strand": "Choose one work strand, not two."})
        return Place(workstrand=self.strands[name]) if kind == "strand" else None


def chosen_for(strategy: Strategy, *, by, on, with_kpis: bool = False) -> Chosen:
    """To an illustrative sign-in only those leads that are illustrative too. Five queries, six with KPIs."""
    leads = Lead.objects.in_post(on).filter(area=strategy.area_id).order_by("name", "pk")
    kpis = Kpi.objects.filter(area=strategy.area_id, retired_at=None).select_related("indicator", "owner")
    if by.is_illustrative:
        leads = leads.filter(is_illustrative=True)
    parts = {
        model: model.objects.filter(strategy=strategy, retired_at=None).order_by("position", "pk")
        for model in (Objective, Priority, WorkStrand)
    }
    found = Chosen(
        leads={str(lead.pk): lead for lead in leads},
        partners={str(one.pk): one for one in Partner.objects.filter(area=strategy.area_id).order_by("name")},
        objectives={one.key: one for one in parts[Objective].select_related("priority", "workstrand")},
        priorities={one.ref: one for one in parts[Priority]},
        strands={one.slug: one for one in parts[WorkStrand]},
    )
    if with_kpis:
        found.kpis = {one.indicator.code: one for one in kpis.order_by("position", "pk")}
    return found
