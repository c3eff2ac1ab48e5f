"""The addresses at which the work is changed: reports, impact, what answers a finding, setting a plan up."""

from django.urls import path

from workstrands.views import answers, impact, setup, updates

app_name = "workstrands"

urlpatterns = [
    path("<slug:area>/actions/<slug:key>/update/", updates.UpdateView.as_view(), name="update"),
    path("<slug:area>/actions/<slug:key>/no-change/", updates.NoChangeView.as_view(), name="no-change"),
    path("<slug:area>/actions/<slug:key>/impact/", impact.ImpactView.as_view(), name="impact"),
    path("<slug:area>/actions/<slug:key>/confirm-impact/", impact.ConfirmImpactView.as_view(), name="confirm-impact"),
    path("<slug:area>/inspection/<str:day>/<str:ref>/", answers.AnswersView.as_view(), name="answers"),
    path("<slug:area>/<slug:strategy>/set-up/", setup.SetUpView.as_view(), name="set-up"),
]
