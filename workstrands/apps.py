from django.apps import AppConfig


class WorkstrandsConfig(AppConfig):
    name = "workstrands"
