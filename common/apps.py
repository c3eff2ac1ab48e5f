from django.apps import AppConfig


class CommonConfig(AppConfig):
    """What knows nothing of SEND: days, words, tables for export. It has no models."""

    name = "common"
