"""What the frame around every page shows: where one is, who one is, what else there is."""

from dataclasses import dataclass, field

from django.urls import reverse

from people.scoping import Past, memberships_of


@dataclass
class Frame:
    user: object = None
    area: object = None
    strategy: object = None
    role_word: str = ""
    areas: list = field(default_factory=list)
    nav: list = field(default_factory=list)
    as_at: Past | None = None
    today_href: str = ""
    is_illustrative: bool = False


def frame(request) -> dict:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"frame": Frame()}
    view = getattr(request, "in_area", None)
    if view is None:
        memberships = getattr(request, "memberships", None) or memberships_of(user)
        only = memberships[0] if len(memberships) == 1 else None
        shown = Frame(user=user, areas=[m.area for m in memberships], area=only and only.area)
        shown.role_word = only.get_role_display() if only else ""
        shown.is_illustrative = any(m.has_illustration for m in memberships)
        shown.nav = navigation(shown.area, getattr(request, "nav", ""), as_at=None)
        return {"frame": shown}
    membership = view.membership
    return {
        "frame": Frame(
            user=user,
            area=view.area,
            strategy=getattr(view, "strategy", None),
            role_word=membership.get_role_display(),
            areas=[m.area for m in view.memberships],
            nav=navigation(view.area, view.nav, as_at=view.when.as_at),
            as_at=view.when.as_at,
            today_href=without_as_at(request),
            is_illustrative=membership.has_illustration,
        )
    }


def navigation(area, current: str, *, as_at: Past | None) -> list[tuple[str, str, bool]]:
    """(word, address, is current) for each page that stands in the header."""
    query = f"?as_at={as_at}" if as_at else ""
    entries = []
    if area is not None:
        base = f"/{area.slug}/"
        entries = [
            ("Board", base, "board"),
            ("Actions", f"{base}actions/", "actions"),
            ("KPIs", f"{base}kpis/", "kpis"),
            ("Inspection", f"{base}inspection/", "inspection"),
            ("Meetings", f"{base}meetings/", "meetings"),
            ("Documents", f"{base}documents/", "documents"),
            ("People", f"{base}people/", "people"),
        ]
    shown = [(word, address + query, name == current) for word, address, name in entries]
    return [*shown, ("My work", reverse("board:my"), current == "my")]


def without_as_at(request) -> str:
    query = request.GET.copy()
    query.pop("as_at", None)
    query.pop("compare", None)
    return request.path + (f"?{query.urlencode()}" if query else "")
