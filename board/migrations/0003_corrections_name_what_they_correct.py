"""Further papers of a meeting correct nothing; a correction names the papers that it corrects."""

import django.db.models.deletion
from django.db import migrations, models

FURTHER = "Nothing is corrected: these are further papers of the meeting."


def name_what_is_corrected(apps, schema_editor):
    packs = apps.get_model("board", "Pack").objects
    packs.filter(correction=FURTHER).update(correction="")
    for pack in packs.exclude(correction=""):
        like = packs.filter(meeting=pack.meeting_id, strategy=pack.strategy_id, kind=pack.kind, scope=pack.scope)
        corrected = like.filter(number__lt=pack.number).order_by("-number").values_list("pk", flat=True).first()
        packs.filter(pk=pack.pk).update(corrects=corrected, correction=pack.correction if corrected else "")


class Migration(migrations.Migration):
    dependencies = [
        ("board", "0002_flag_back_from_hold"),
        ("strategies", "0006_meetings_called_off"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="pack",
            name="a_later_pack_says_what_it_corrects",
        ),
        migrations.AddField(
            model_name="pack",
            name="corrects",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="corrected_by",
                to="board.pack",
            ),
        ),
        migrations.RunPython(name_what_is_corrected, migrations.RunPython.noop),
    ]
