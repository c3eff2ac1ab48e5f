from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "people"

    def ready(self):
        """Libraries say who comes and goes by signals alone."""
        from allauth.account.signals import password_changed, password_reset, password_set, user_logged_in
        from allauth.mfa.signals import authenticator_used
        from allauth.socialaccount.signals import social_account_added
        from axes.signals import user_locked_out
        from django.contrib.auth import signals
        from django.core import checks

        from people import auditing, idling, notices, openid_endings
        from people.checks import strength_at_the_provider

        checks.register(strength_at_the_provider, checks.Tags.security, deploy=True)
        signals.user_logged_in.connect(auditing.signed_in)
        signals.user_logged_in.connect(idling.begin)
        signals.user_logged_out.connect(auditing.signed_out)
        signals.user_login_failed.connect(auditing.refused)
        user_locked_out.connect(auditing.locked_out)
        password_reset.connect(auditing.password_chosen_anew)
        social_account_added.connect(auditing.tied_to_a_provider)
        user_logged_in.connect(openid_endings.came_in)
        password_changed.connect(openid_endings.keep)
        password_set.connect(openid_endings.keep)
        authenticator_used.connect(notices.tell_of_recovery_code)
