from django.apps import AppConfig
from django.db.models.signals import post_delete


class WorkstrandsConfig(AppConfig):
    name = "workstrands"

    def ready(self):
        from workstrands.signals import take_file_along

        post_delete.connect(take_file_along, sender="workstrands.Evidence", dispatch_uid="evidence_file")
