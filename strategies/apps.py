from django.apps import AppConfig
from django.db.backends.signals import connection_created


class StrategiesConfig(AppConfig):
    name = "strategies"

    def ready(self):
        from strategies.changes import watch

        connection_created.connect(watch, dispatch_uid="watch_writes")
