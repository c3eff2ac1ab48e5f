"""Every address of the product."""

from allauth.account import views as account
from django.contrib.auth.decorators import login_not_required
from django.templatetags.static import static
from django.urls import include, path
from django.utils.functional import lazy
from django.views.generic import RedirectView

from send_tracker.health import healthz

accounts = [
    path("login/", login_not_required(account.login), name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("password/reset/", login_not_required(account.password_reset), name="account_reset_password"),
    path("password/reset/done/", login_not_required(account.password_reset_done), name="account_reset_password_done"),
    path(
        "password/reset/key/<uidb36>-<key>/",
        login_not_required(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        login_not_required(account.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
]

# What asks for an icon without having read a page: its name is known only once static files are collected.
favicon = login_not_required(RedirectView.as_view(url=lazy(static, str)("favicon.svg")))

urlpatterns = [
    path("healthz", healthz, name="healthz"),
    path("favicon.ico", favicon, name="favicon"),
    path("accounts/", include(accounts)),
    path("", include("workstrands.urls")),
    path("", include("board.urls")),
]
