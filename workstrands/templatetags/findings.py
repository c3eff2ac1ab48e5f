"""Where a finding stands on the inspection page."""

from django import template

from priorities.models import Finding

register = template.Library()


@register.filter
def finding_anchor(finding: Finding) -> str:
    """The last day of its inspection and its reference, so that a link to it outlives a new seeding."""
    return f"finding-{finding.inspection.inspected_to}-{finding.ref}"
