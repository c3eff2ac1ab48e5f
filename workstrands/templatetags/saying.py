"""What was said, and by whom, in templates: `{{ update|who_said }}`, `{{ evidence.url|followable }}`."""

from django import template

from workstrands import saying

register = template.Library()
register.filter("who_said", saying.who_said)
register.filter("followable", saying.followable)
