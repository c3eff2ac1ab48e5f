"""The addresses at which the work is changed: reports, and setting a plan up."""

from django.urls import path

from workstrands.views import setup, updates

app_name = "workstrands"

urlpatterns = [
    path("<slug:area>/actions/<slug:key>/update/", updates.UpdateView.as_view(), name="update"),
    path("<slug:area>/actions/<slug:key>/no-change/", updates.NoChangeView.as_view(), name="no-change"),
    path("<slug:area>/<slug:strategy>/set-up/", setup.SetUpView.as_view(), name="set-up"),
]
