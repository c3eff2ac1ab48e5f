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


def refuse_real(by: User | None, *leads: Lead | None, what: str) -> None:
    lead = answers_really(by, *leads)
    if lead:
        raise ValidationError(
            f"{what}: {lead} is no illustrative lead. An illustrative sign-in acts for illustrative leads only.",
            code="real",
        )
