"""A piece of evidence as it is shown anywhere: `{% evidence_link piece area %}`."""

from django import template

from workstrands.evidence import key_of_name, size_in_words
from workstrands.file_kinds import word_for
from workstrands.models import Evidence
from workstrands.saying import followable

register = template.Library()


@register.inclusion_tag("board/includes/evidence_link.html", takes_context=True)
def evidence_link(context, piece, area) -> dict:
    """`piece` is an `Evidence`, or anything with its `title`, `url`, `file` and `scan`.

    Where nobody has signed in there is no `area`, and a file is named without leading to it.
    """
    name = str(piece.file or "")
    return {
        "request": context.get("request"),
        "area": area,
        "title": piece.title,
        "url": followable(piece.url),
        "key": key_of_name(name) if area else "",
        "is_withheld": bool(name) and piece.scan == Evidence.Scan.INFECTED,
    }


@register.filter
def about_file(piece: Evidence) -> str:
    """PDF, 1.2 MB, not scanned for viruses; nothing where it is no file."""
    return file_in_words(piece.content_type, piece.size, piece.scan) if piece.file else ""


def file_in_words(content_type: str, size: int | None, scan: str) -> str:
    words = [word_for(content_type), size_in_words(size or 0)]
    if scan:
        said = str(Evidence.Scan(scan).label)
        words.append(said[0].lower() + said[1:])
    return ", ".join(words)
