"""What stands now of the actions that a workbook speaks of: read at once, whatever their number."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from common.dates import london_day
from people.models import Lead
from strategies.models import Area
from workstrands.backing import counted_by
from workstrands.models import Action, Evidence, Placement, ProgressUpdate
from workstrands.reporting import repeats_running


@dataclass(slots=True)
class Stands:
    """`leads`: the lead in post, then the supporting ones in post. `since`: what was reported after the workbook was made."""

    action: Action
    leads: list[Lead]
    latest: ProgressUpdate | None
    since: list[ProgressUpdate]
    due_on: date | None
    repeats: int
    is_backed: bool  # an earlier report gave evidence

    @property
    def number(self) -> int:
        return self.latest.number if self.latest else 0


def what_stands(area: Area, keys: list[str], *, since: datetime, at: datetime) -> dict[str, Stands]:
    """By key; what the area does not hold is left out."""
    actions = list(Action.objects.filter(area=area, key__in=keys).select_related("strategy").as_at(at))
    ids = [action.pk for action in actions]
    updates = _updates(actions, since)
    leads = _leads(actions, area, london_day(at))
    repeats = repeats_running(ids, at)
    backing = Evidence.objects.filter(counted_by(at), update__action__in=ids)
    backed = set(backing.values_list("update__action", flat=True))
    found = {}
    for action in actions:
        action.area = action.strategy.area = area
        of_action = updates.get(action.pk, [])
        found[action.key] = Stands(
            action,
            leads[action.pk],
            latest=of_action[-1] if of_action else None,
            since=of_action,
            due_on=action.due_on,
            repeats=repeats[action.pk],
            is_backed=action.pk in backed,
        )
    return found


def _updates(actions: list[Action], since: datetime) -> dict[int, list[ProgressUpdate]]:
    """Of each action what was reported since, and what stands, the oldest first."""
    latest = [action.update_id for action in actions if action.update_id]
    rows = (
        ProgressUpdate.objects.filter(Q(pk__in=latest) | Q(action__in=actions, recorded_at__gte=since))
        .select_related("author", "on_behalf_of", "brought_in")
        .defer("brought_in__content", "brought_in__rehearsal")
        .prefetch_related("evidence")
        .order_by("action", "number")
    )
    found: dict[int, list[ProgressUpdate]] = {}
    for row in rows:
        found.setdefault(row.action_id, []).append(row)
    return found


def _leads(actions: list[Action], area: Area, on: date) -> dict[int, list[Lead]]:
    """By action: the lead in post, then the supporting leads in post."""
    in_post = {lead.pk: lead for lead in Lead.objects.in_post(on).filter(area=area)}
    placed = dict(Placement.objects.filter(pk__in=[a.placement_id for a in actions]).values_list("action", "lead"))
    links = Action.supporting_leads.through.objects.filter(action__in=[action.pk for action in actions])
    supporting: dict[int, list[int]] = {}
    for action, lead in links.order_by("lead__name").values_list("action", "lead"):
        supporting.setdefault(action, []).append(lead)
    wanted = {a.pk: dict.fromkeys([placed.get(a.pk), *supporting.get(a.pk, [])]) for a in actions}
    return {pk: [in_post[lead] for lead in leads if lead in in_post] for pk, leads in wanted.items()}
