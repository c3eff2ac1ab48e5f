from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("kpis", "0004_reserved_codes"),
    ]

    operations = [
        migrations.AddField(
            model_name="columnmapping",
            name="denominator",
            field=models.CharField(blank=True, max_length=200, verbose_name="column of the denominator"),
        ),
        migrations.AddField(
            model_name="columnmapping",
            name="is_illustrative",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AddField(
            model_name="columnmapping",
            name="numerator",
            field=models.CharField(blank=True, max_length=200, verbose_name="column of the numerator"),
        ),
        migrations.AddField(
            model_name="columnmapping",
            name="reads_as",
            field=models.CharField(blank=True, max_length=20, verbose_name="which part of its year the file means"),
        ),
        migrations.AddField(
            model_name="figureimport",
            name="contents",
            field=models.JSONField(blank=True, default=dict, verbose_name="what the file holds"),
        ),
        migrations.AddField(
            model_name="release",
            name="is_illustrative",
            field=models.BooleanField(default=False, editable=False),
        ),
        migrations.AlterField(
            model_name="figureimport",
            name="mapping",
            field=models.JSONField(
                blank=True, default=dict, verbose_name="where it comes from, and what feeds which indicator"
            ),
        ),
    ]
