"""What a file brought in, on the page of the record: `{% brought_in_address plan_file %}`."""

from django import template
from django.urls import reverse

from people.roles import may_edit
from workstrands.models import PlanFile

register = template.Library()


@register.simple_tag(takes_context=True)
def brought_in_address(context, plan_file: PlanFile) -> str:
    """Where a file leads those who may see it: the area's officers, and of a workbook of updates whoever brought it."""
    view = context["request"].in_area
    is_own = plan_file.kind == PlanFile.Kind.UPDATES and plan_file.made_by_id == view.request.user.pk
    if view.when.as_at or not (is_own or may_edit(view.membership)):
        return ""
    name = "board:plan-import-one" if plan_file.kind == PlanFile.Kind.PLAN else "board:my-workbook-one"
    return reverse(name, args=[view.area.slug, plan_file.key])
