from django.apps import AppConfig


class PeopleConfig(AppConfig):
    name = "people"

    def ready(self):
        """Libraries say who comes and goes by signals alone."""
        from axes.signals import user_locked_out
        from django.contrib.auth import signals

        from people import auditing, idling

        signals.user_logged_in.connect(auditing.signed_in)
        signals.user_logged_in.connect(idling.begin)
        signals.user_logged_out.connect(auditing.signed_out)
        signals.user_login_failed.connect(auditing.refused)
        user_locked_out.connect(auditing.locked_out)
