"""What every exported file says of itself above its rows."""

from common.dates import LONDON, in_words


def header_lines(view, title: str, narrowing, *, strategy=None) -> list[tuple[str, str]]:
    """Area, plan, moment, filters, who made it and when, its address, and that it is illustrative where it is."""
    request, when = view.request, view.when
    lines = [("Area", view.area.name)]
    if strategy is not None:
        lines.append(("Strategy", strategy.title))
    lines += [
        ("Shows", title),
        ("As at", when.as_at.in_words if when.as_at else in_words(when.day)),
        ("Filters", "; ".join(f"{label}: {value}" for label, value in narrowing) or "None"),
        ("Made by", str(request.user)),
        ("Made at", when.now.astimezone(LONDON).strftime("%Y-%m-%d %H:%M")),
        ("Address", request.build_absolute_uri()),
    ]
    if view.membership.has_illustration:
        lines.append(("Illustrative data", "Illustrative updates and figures are among these rows: they are made up."))
    return lines
