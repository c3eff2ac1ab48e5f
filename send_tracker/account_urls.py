"""Signing in and what belongs to it: pages of django-allauth, those alone that are used. Nobody signs themselves up."""

from allauth.account import views as account
from allauth.mfa.base import views as second_step
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as passkeys
from allauth.socialaccount import views as elsewhere
from django.contrib.auth.decorators import login_not_required
from django.urls import path, re_path

from board.views import sign_ins
from people import openid_endings
from people.openid import back, begin

urlpatterns = [
    path("login/", login_not_required(account.login), name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("join/<str:secret>/", sign_ins.JoinView.as_view(), name="join"),
    path("confirm/", account.reauthenticate, name="account_reauthenticate"),
    path("password/", account.password_change, name="account_change_password"),
    path("password/reset/", login_not_required(account.password_reset), name="account_reset_password"),
    path("password/reset/done/", login_not_required(account.password_reset_done), name="account_reset_password_done"),
    re_path(  # the key has a hyphen of its own, and the part before the first one is whose it is
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>[^/]+)/$",
        login_not_required(account.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "password/reset/key/done/",
        login_not_required(account.password_reset_from_key_done),
        name="account_reset_password_from_key_done",
    ),
    path("second-step/", second_step.index, name="mfa_index"),
    path("second-step/code/", login_not_required(second_step.authenticate), name="mfa_authenticate"),
    path("second-step/confirm/", second_step.reauthenticate, name="mfa_reauthenticate"),
    path("second-step/app/", totp.activate_totp, name="mfa_activate_totp"),
    path("second-step/app/off/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("second-step/recovery-codes/", recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("second-step/recovery-codes/new/", recovery_codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("second-step/passkeys/", passkeys.list_webauthn, name="mfa_list_webauthn"),
    path("second-step/passkeys/add/", passkeys.add_webauthn, name="mfa_add_webauthn"),
    path("second-step/passkeys/confirm/", passkeys.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("second-step/passkeys/<int:pk>/remove/", passkeys.remove_webauthn, name="mfa_remove_webauthn"),
    path("second-step/passkeys/<int:pk>/edit/", passkeys.edit_webauthn, name="mfa_edit_webauthn"),
    path("passkey/", login_not_required(passkeys.login_webauthn), name="mfa_login_webauthn"),
    path("with/cancelled/", login_not_required(elsewhere.login_cancelled), name="socialaccount_login_cancelled"),
    path("with/error/", login_not_required(elsewhere.login_error), name="socialaccount_login_error"),
    path("with/<slug:provider_id>/", login_not_required(begin), name="openid_connect_login"),
    path("with/<slug:provider_id>/back/", back, name="openid_connect_callback"),
    path("with/<slug:provider_id>/signed-out/", openid_endings.from_behind, name="openid_signed_out"),
    path("with/<slug:provider_id>/signed-out/frame/", openid_endings.in_a_frame, name="openid_signed_out_frame"),
]
