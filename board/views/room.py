"""Whether an area has room for the file that a form brings."""

from django import forms

from strategies.models import Area
from workstrands.files_kept import why_no_room


def has_room(form: forms.Form, area: Area) -> bool:
    """Told beside the field, where there is none."""
    problem = why_no_room(area, form.cleaned_data["file"].size)
    if problem:
        form.add_error("file", problem)
    return not problem
