from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("board", "0003_corrections_name_what_they_correct")]

    operations = [
        migrations.AddConstraint(
            model_name="pack",
            constraint=models.CheckConstraint(
                condition=models.Q(("correction", ""), ("corrects__isnull", True))
                | models.Q(("corrects__isnull", False), models.Q(("correction", ""), _negated=True)),
                name="a_correction_says_what_changed",
                violation_error_message="Say what changed since the papers before.",
            ),
        ),
    ]
