"""The forms by which the work is changed: a report, a confirmation, what answers a finding, what a plan still needs."""

from workstrands.forms.answers import AnswersForm
from workstrands.forms.days import DayField, DayWidget, ShortDayField, day_from
from workstrands.forms.fields import FilledForm, WebAddressField, choice, long_text, one_line, with_role
from workstrands.forms.impact import ConfirmImpactForm, ImpactForm
from workstrands.forms.picking import PickForm
from workstrands.forms.set_up import NEW_LEADS, ActionRowForm, BaselineForm, Choices, KpiRowForm, NewLeadForm
from workstrands.forms.update import UpdateForm

__all__ = [
    "NEW_LEADS",
    "ActionRowForm",
    "AnswersForm",
    "BaselineForm",
    "Choices",
    "ConfirmImpactForm",
    "DayField",
    "DayWidget",
    "FilledForm",
    "ImpactForm",
    "KpiRowForm",
    "NewLeadForm",
    "PickForm",
    "ShortDayField",
    "UpdateForm",
    "WebAddressField",
    "choice",
    "day_from",
    "long_text",
    "one_line",
    "with_role",
]
