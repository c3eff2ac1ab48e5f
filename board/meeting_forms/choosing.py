"""What the forms of a meeting have in common: lists of an area's records, and who does what by when."""

from board.kpi_forms.promises import SeenForm
from kpis.models import Kpi
from people.models import Lead
from strategies.models import Area
from workstrands.forms import DayField, choice, one_line, with_role
from workstrands.models import Action


class Choices:
    """The actions of running plans, the KPIs and the leads in post of an area, each by what a form sends."""

    def __init__(self, area: Area, on):
        running = Action.objects.filter(area=area, strategy__state="published", strategy__ends_on__gte=on)
        in_plan = running.filter(retired_at__isnull=True).select_related("strategy").order_by("strategy", "position")
        self.actions = {action.key: action for action in in_plan}
        tracked = Kpi.objects.in_use().filter(area=area).select_related("indicator").order_by("indicator__title")
        self.kpis = {kpi.indicator.code: kpi for kpi in tracked}
        self.leads = {str(lead.pk): lead for lead in Lead.objects.filter(area=area).in_post(on)}

    def of_actions(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """Grouped by their plan."""
        plans: dict[str, list[tuple[str, str]]] = {}
        for key, action in self.actions.items():
            title = action.title if len(action.title) <= 90 else f"{action.title[:89]}…"
            plans.setdefault(str(action.strategy), []).append((key, f"{action.ref} {title}"))
        return list(plans.items())

    def of_kpis(self) -> list[tuple[str, str]]:
        return [(code, kpi.indicator.title) for code, kpi in self.kpis.items()]

    def of_leads(self) -> list[tuple[str, str]]:
        return [(pk, with_role(lead)) for pk, lead in self.leads.items()]


class ChoosingForm(SeenForm):
    """A form some of whose lists are an area's records; what was chosen comes back as the record."""

    lists = {"action": "actions", "kpi": "kpis", "owner": "leads"}

    def __init__(self, *args, choices: Choices, **kwargs):
        super().__init__(*args, **kwargs)
        self.offered = choices
        for name, of in self.lists.items():
            if name in self.fields:
                field = self.fields[name]
                field.choices = [*field.choices, *getattr(choices, f"of_{of}")()]

    def chosen(self) -> dict:
        """What was said, with records in place of their addresses; none where nothing was chosen."""
        said = dict(self.cleaned_data)
        for name, of in self.lists.items():
            if name in said:
                said[name] = getattr(self.offered, of).get(said[name])
        return said


def owner_field():
    return choice("Who does it", [], empty="Choose a lead, or write who below")


def owner_text_field():
    return one_line(
        "Or who, where it is no lead", limit=120, help_text="A post or a body, such as “Clerk to the Board”."
    )


def due_on_field():
    return DayField(
        label="To be done by", required=False, help_text="For example, 31 3 2027. Empty where no day was set."
    )
