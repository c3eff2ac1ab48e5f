"""The forms of joining an area, and of a member's role in it."""

from django import forms

from common.text import Keepable
from people.models import Lead, Membership
from strategies.models import Area
from workstrands.forms import choice, with_role

Role = Membership.Role
ROLES = [
    (Role.BOARD, "Board member: reads everything of the area"),
    (Role.LEAD, "Lead: says how their own actions are going"),
    (Role.OFFICER, "Officer: keeps the plan, figures, rounds and papers"),
    (Role.FAMILIES, "Parent carer forum member: says how families see it"),
    (Role.ADMINISTRATOR, "Administrator: says who may sign in"),
]


class InvitationForm(forms.Form):
    email = forms.EmailField(
        label="Email address", max_length=254, widget=forms.EmailInput({"autocomplete": "off", "spellcheck": "false"}),
        help_text="The invitation goes there. It lasts for 14 days.",
        error_messages={
            "required": "Give the email address of whom you invite.",
            "invalid": "Give an email address like name@council.gov.uk.",
        },
    )  # fmt: skip
    name = forms.CharField(label="Name", required=False, help_text="As it stands beside what they write.")
    role = forms.ChoiceField(
        label="What may they do?", choices=ROLES, widget=forms.RadioSelect,
        error_messages={"required": "Choose what they may do.", "invalid_choice": "Choose one of the roles."},
    )  # fmt: skip
    lead = choice(
        "Whose actions do they update?", [], empty="Nobody’s", help_text="Leads in post who have no sign-in yet."
    )

    def __init__(self, *args, area: Area, today, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.fields["name"].validators.append(Keepable("The name", limit=120))
        self.leads = {str(lead.pk): lead for lead in Lead.objects.filter(area=area, user=None).in_post(today)}
        self.fields["lead"].choices = [("", "Nobody’s"), *((pk, with_role(lead)) for pk, lead in self.leads.items())]

    @property
    def lead_chosen(self) -> Lead | None:
        return self.leads.get(self.cleaned_data.get("lead", ""))


class JoinForm(forms.Form):
    """For an address that has no sign-in yet."""

    name = forms.CharField(label="Your name", required=False, help_text="As it stands beside what you write.")
    password = forms.CharField(
        label="Choose a password",
        strip=False,
        max_length=200,
        help_text="At least 12 characters. Three words that do not belong together, and have nothing to do with you or your work,"
        " are good.",
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
        error_messages={"required": "Choose a password."},
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, label_suffix="", **kwargs)
        self.fields["name"].validators.append(Keepable("The name", limit=120))


class RoleForm(forms.Form):
    role = forms.ChoiceField(
        choices=Role.choices,
        error_messages={"required": "Choose a role.", "invalid_choice": "Choose one of the roles."},
    )
