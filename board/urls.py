"""The addresses of the reading pages. They are mailed and printed, so they stay."""

from django.urls import path

from board.views import actions, documents, home, inspection, kpis, my, people, plan

app_name = "board"

urlpatterns = [
    path("", home.HomeView.as_view(), name="home"),
    path("my/", my.MyView.as_view(), name="my"),
    path("<slug:area>/", home.AreaBoardView.as_view(), name="area"),
    path("<slug:area>/actions/", actions.CurrentActionsView.as_view(), name="current-actions"),
    path("<slug:area>/actions/<slug:key>/", plan.ActionView.as_view(), name="action"),
    path("<slug:area>/kpis/", kpis.KpiListView.as_view(), name="kpis"),
    path("<slug:area>/kpis/<slug:code>/", kpis.KpiView.as_view(), name="kpi"),
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
