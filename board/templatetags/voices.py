"""How families feel a promise, as shown: its shape and its word."""

from django import template

from board import voices

register = template.Library()
register.simple_tag(voices.felt_tag, name="felt_tag")
