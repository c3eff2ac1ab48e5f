"""The addresses of the reading pages. They are mailed and printed, so they stay."""

from django.urls import path

from board.views import (
    actions,
    compare,
    documents,
    home,
    imports,
    inspection,
    kpi_keeping,
    kpi_tracking,
    kpis,
    my,
    people,
    plan,
)

app_name = "board"

urlpatterns = [
    path("", home.HomeView.as_view(), name="home"),
    path("my/", my.MyView.as_view(), name="my"),
    path("<slug:area>/", home.AreaBoardView.as_view(), name="area"),
    path("<slug:area>/actions/", actions.CurrentActionsView.as_view(), name="current-actions"),
    path("<slug:area>/actions/<slug:key>/", plan.ActionView.as_view(), name="action"),
    path("<slug:area>/kpis/", kpis.KpiListView.as_view(), name="kpis"),
    path("<slug:area>/kpis/add/", kpi_tracking.KpiAddView.as_view(), name="kpi-add"),
    path("<slug:area>/kpis/import/", imports.ImportView.as_view(), name="import"),
    path("<slug:area>/kpis/import/<slug:key>/", imports.ImportOneView.as_view(), name="import-one"),
    path("<slug:area>/kpis/import/<slug:key>/columns/", imports.ImportColumnsView.as_view(), name="import-columns"),
    path("<slug:area>/kpis/import/<slug:key>/filters/", imports.ImportFiltersView.as_view(), name="import-filters"),
    path("<slug:area>/kpis/<slug:code>/", kpis.KpiView.as_view(), name="kpi"),
    path("<slug:area>/kpis/<slug:code>/edit/", kpi_tracking.KpiEditView.as_view(), name="kpi-edit"),
    path(
        "<slug:area>/kpis/<slug:code>/measurements/add/",
        kpi_keeping.MeasurementAddView.as_view(),
        name="measurement-add",
    ),
    path("<slug:area>/kpis/<slug:code>/targets/add/", kpi_keeping.TargetAddView.as_view(), name="target-add"),
    path(
        "<slug:area>/kpis/<slug:code>/commentary/add/", kpi_keeping.CommentaryAddView.as_view(), name="commentary-add"
    ),
    path("<slug:area>/kpis/<slug:code>/rebase/", kpi_keeping.RebaseView.as_view(), name="rebase"),
    path("<slug:area>/kpis/<slug:code>/compare/", compare.CompareView.as_view(), name="kpi-compare"),
    path("<slug:area>/inspection/", inspection.InspectionView.as_view(), name="inspection"),
    path("<slug:area>/documents/", documents.DocumentListView.as_view(), name="documents"),
    path("<slug:area>/documents/<slug:slug>/", documents.DocumentView.as_view(), name="document"),
    path("<slug:area>/people/", people.PeopleView.as_view(), name="people"),
    path("<slug:area>/<slug:strategy>/", home.StrategyBoardView.as_view(), name="strategy"),
    path("<slug:area>/<slug:strategy>/actions/", actions.ActionListView.as_view(), name="actions"),
    path("<slug:area>/<slug:strategy>/priorities/<str:ref>/", plan.PriorityView.as_view(), name="priority"),
    path("<slug:area>/<slug:strategy>/strands/<slug:slug>/", plan.StrandView.as_view(), name="strand"),
    path("<slug:area>/<slug:strategy>/objectives/<slug:key>/", plan.ObjectiveView.as_view(), name="objective"),
]
