"""What goes along when a row goes: only the demonstration's rows ever do."""

from functools import partial

from django.db import transaction

from workstrands.evidence import remove_unnamed


def take_file_along(instance, **_):
    """Once it is certain that the row is gone."""
    if instance.file:
        transaction.on_commit(partial(remove_unnamed, instance.file.name))
