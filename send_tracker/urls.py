"""Every address of the product."""

from django.contrib.auth.decorators import login_not_required
from django.templatetags.static import static
from django.urls import include, path
from django.utils.functional import lazy
from django.views.generic import RedirectView

from send_tracker.csp_report import csp_report
from send_tracker.health import healthz
from send_tracker.metrics import metrics

# What asks for an icon without having read a page: its name is known only once static files are collected.
favicon = login_not_required(RedirectView.as_view(url=lazy(static, str)("favicon.svg")))

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("metrics", metrics, name="metrics"),
    path("csp-report", csp_report, name="csp-report"),
    path("favicon.ico", favicon, name="favicon"),
    path("accounts/", include("send_tracker.account_urls")),
    path("", include("workstrands.urls")),
    path("", include("board.urls")),
]

handler500 = "send_tracker.database_away.server_error_or_away"
