from django.core.management.color import no_style
from django.db import migrations, models
from django.db.models import F


def move(apps, schema_editor):
    """What earlier migrations of the same upgrade wrote moved no number. The row that is there is that of all areas."""
    apps.get_model("strategies", "DataVersion").objects.update(number=F("number") + 1)


def count_on(apps, schema_editor):
    """PostgreSQL has not noticed that the first row was given its key."""
    version = apps.get_model("strategies", "DataVersion")
    for statement in schema_editor.connection.ops.sequence_reset_sql(no_style(), [version]):
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [
        ("strategies", "0010_addresses_of_the_installation"),
    ]

    operations = [
        migrations.AddField(
            model_name="dataversion",
            name="area",
            field=models.PositiveBigIntegerField(default=0, unique=True),
        ),
        migrations.RunPython(move, migrations.RunPython.noop),
        migrations.RunPython(count_on, migrations.RunPython.noop),
    ]
