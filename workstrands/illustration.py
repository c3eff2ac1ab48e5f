"""What illustrative sign-ins may not do: nothing made up is said by, or of, a real person.

Whatever else they change of a real record is in its history under their name, and goes with the demonstration.
"""

from django.core.exceptions import ValidationError

from people.models import Lead, User


def answers_really(by: User | None, *leads: Lead | None) -> Lead | None:
    """The first of these leads who is no illustrative one, where an illustrative sign-in asks."""
    if by is None or not by.is_illustrative:
        return None
    return next((lead for lead in leads if lead and not lead.is_illustrative), None)


def why_not_for(by: User | None, *leads: Lead | None) -> str:
    """Why a sign-in cannot act for these leads, as a sentence; empty when it can."""
    lead = answers_really(by, *leads)
    if lead is None:
        return ""
    return f"{lead} is no illustrative lead. An illustrative sign-in acts for illustrative leads only."


def refuse_real(by: User | None, *leads: Lead | None, what: str) -> None:
    refusal = why_not_for(by, *leads)
    if refusal:
        raise ValidationError(f"{what}: {refusal}", code="real")
