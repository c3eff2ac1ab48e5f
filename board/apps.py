from django.apps import AppConfig
from django.db.models.signals import post_migrate, pre_migrate


class BoardConfig(AppConfig):
    name = "board"

    def ready(self):
        from board.search.keeping import after_migrating, before_migrating

        pre_migrate.connect(before_migrating, sender=self, dispatch_uid="search_before_migrating")
        post_migrate.connect(after_migrating, sender=self, dispatch_uid="search_after_migrating")
