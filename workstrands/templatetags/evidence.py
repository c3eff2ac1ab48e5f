"""A piece of evidence as it is shown anywhere: `{% evidence_link piece area %}`."""

from datetime import datetime

from django import template
from django.urls import reverse

from common.words import sentence_case
from people.roles import may_edit
from workstrands.backing import is_erased, is_withheld_at, withheld_in_words
from workstrands.evidence import key_of_name, size_in_words
from workstrands.file_kinds import word_for
from workstrands.models import Evidence
from workstrands.saying import followable

register = template.Library()


@register.inclusion_tag("board/includes/evidence_link.html", takes_context=True)
def evidence_link(context, piece, area) -> dict:
    """`piece` is an `Evidence`, or anything with its `title`, `url`, `file`, `scan` and `withheld_at`.

    Where nobody has signed in there is no `area`, and a file is named without leading to it. What is withheld by now leads
    nowhere, whichever day is viewed; it is struck from the moment on from which it counts no more.
    """
    name = str(piece.file or "")
    return {
        "request": context.get("request"),
        "area": area,
        "title": piece.title,
        "url": followable(piece.url),
        "key": key_of_name(name) if area else "",
        "is_struck": _is_struck(context, piece),
        "is_withheld": bool(piece.withheld_at),
        "is_infected": bool(name) and piece.scan == Evidence.Scan.INFECTED,
    }


@register.simple_tag(takes_context=True)
def withheld_line(context, piece) -> str:
    """Withheld on 3 March 2026 by an officer: why. For members of the area alone, from that moment on."""
    is_said = _moment(context) is not None and _is_struck(context, piece)
    return sentence_case(withheld_in_words(piece)) if is_said else ""


@register.simple_tag(takes_context=True)
def withhold_address(context, piece) -> str:
    """Where an officer takes it back, or gives it out again; nothing for others and in past views."""
    view = getattr(context.get("request"), "in_area", None)
    if view is None or view.when.as_at or not may_edit(view.membership) or is_erased(piece):
        return ""
    return reverse("board:evidence-withhold", args=[view.area.slug, piece.pk])


def _is_struck(context, piece) -> bool:
    moment = _moment(context)
    return bool(piece.withheld_at) if moment is None else is_withheld_at(piece, moment)


def _moment(context) -> datetime | None:
    """The moment viewed; none where nobody has signed in."""
    view = getattr(context.get("request"), "in_area", None)
    return view.when.moment if view else None


@register.filter
def about_file(piece: Evidence) -> str:
    """PDF, 1.2 MB, not scanned for viruses; nothing where it is no file."""
    return file_in_words(piece.content_type, piece.size, piece.scan) if piece.file else ""


def file_in_words(content_type: str, size: int | None, scan: str) -> str:
    """Of an erased file, which has no size, that it is."""
    if size is None:
        return f"{word_for(content_type)}, erased"
    words = [word_for(content_type), size_in_words(size)]
    if scan:
        said = str(Evidence.Scan(scan).label)
        words.append(said[0].lower() + said[1:])
    return ", ".join(words)
