from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("board", "0005_succession_and_search")]

    operations = [
        migrations.AddField(
            model_name="searchentry",
            name="scope",
            field=models.CharField(
                blank=True, default="", max_length=80, verbose_name="which kind of which area, and which plan"
            ),
        ),
        migrations.AddField(
            model_name="searchentry",
            name="known_at",
            field=models.DateTimeField(
                blank=True, null=True, verbose_name="since when it is known; with the plan itself where none"
            ),
        ),
    ]
