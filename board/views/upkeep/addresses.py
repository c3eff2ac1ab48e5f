"""The addresses of upkeep: beside the page that they change, and shaped so that no reference can clash with them.

`…/priorities/add/` stands before `…/priorities/<ref>/`, and no reference may be "add" (`board.upkeep.forms`). What belongs to
an area is below words that no plan can be called: people, inspection, kpis, set-up.
"""

from django.urls import URLPattern, path

from board.views.upkeep import area, leaving, places, records

DEEDS = {
    "edit": records.EditView,
    "retire": records.RetireView,
    "history": records.HistoryView,
    "undo": records.UndoView,
    "order": places.OrderView,
    "merge": places.MergeView,
    "move": places.MoveView,
    "split": places.SplitView,
    "hand-over": leaving.HandOverView,
}
OWN = {("measure", "move"): places.MeasureMoveView}
PLAN = "<slug:area>/<slug:strategy>"

# Kind: where one is added, where one stands, and what may be done to it.
KEPT = {
    "plan": ("<slug:area>/strategies/add/", f"{PLAN}/", "edit history undo"),
    "thresholds": ("", f"{PLAN}/thresholds/", "edit"),
    "priority": (f"{PLAN}/priorities/add/", f"{PLAN}/priorities/<str:ref>/", "edit retire history undo order merge"),
    "strand": (f"{PLAN}/strands/add/", f"{PLAN}/strands/<slug:slug>/", "edit retire history undo order merge"),
    "objective": (
        f"{PLAN}/objectives/add/",
        f"{PLAN}/objectives/<slug:key>/",
        "edit retire history undo order move merge split",
    ),
    "measure": (f"{PLAN}/priorities/<str:ref>/measures/add/", f"{PLAN}/measures/<slug:pk>/", "edit retire history undo order move"),
    "lead": ("<slug:area>/people/leads/add/", "<slug:area>/people/leads/<slug:pk>/", "edit history undo hand-over"),
    "partner": ("<slug:area>/people/partners/add/", "<slug:area>/people/partners/<slug:pk>/", "edit history undo"),
    "inspection": (
        "<slug:area>/inspection/add/",
        "<slug:area>/inspection/inspections/<slug:pk>/",
        "edit retire history undo",
    ),
    "finding": (
        "<slug:area>/inspection/inspections/<slug:pk>/findings/add/",
        "<slug:area>/inspection/findings/<slug:pk>/",
        "edit retire history undo order",
    ),
    "kpi": ("", "<slug:area>/kpis/<slug:code>/", "retire history undo"),
    "words": ("", "<slug:area>/set-up/words/", "history undo"),
}  # fmt: skip


def addresses_of_area() -> list[URLPattern]:
    return [pattern for pattern in upkeep_addresses() if not _is_of_plan(pattern)]


def addresses_of_plan() -> list[URLPattern]:
    """They stand after those of the area: `<area>/<plan>/edit/` would take `<area>/public/edit/` for a plan."""
    return [pattern for pattern in upkeep_addresses() if _is_of_plan(pattern)]


def _is_of_plan(pattern: URLPattern) -> bool:
    return str(pattern.pattern).startswith(PLAN)


def upkeep_addresses() -> list[URLPattern]:
    patterns = [
        path("<slug:area>/set-up/", area.UpkeepView.as_view(), name="upkeep"),
        path("<slug:area>/set-up/words/", area.WordsView.as_view(), name="words"),
        path(f"{PLAN}/outline/", area.OutlineView.as_view(), name="outline"),
        path(f"{PLAN}/publish/", area.PublishView.as_view(), name="plan-publish"),
    ]
    for name, (adding, one, deeds) in KEPT.items():
        if adding:
            patterns.append(path(adding, records.AddView.as_view(of=name), name=f"{name}-add"))
        patterns += [
            path(f"{one}{deed}/", (OWN.get((name, deed)) or DEEDS[deed]).as_view(of=name), name=f"{name}-{deed}")
            for deed in deeds.split()
        ]
    return patterns
