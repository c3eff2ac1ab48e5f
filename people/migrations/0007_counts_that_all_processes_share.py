from django.core.management import call_command
from django.db import migrations

TABLE = "shared_counts"  # CACHES in the settings


def make(apps, schema_editor):
    call_command("createcachetable", TABLE, database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [
        ("people", "0006_refusals_in_the_audit_log"),
    ]

    operations = [
        migrations.RunPython(make, lambda apps, schema_editor: schema_editor.execute(f"DROP TABLE {TABLE}")),
    ]
