from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("kpis", "0003_published_figures"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="indicator",
            name="indicator_code_is_not_a_reserved_word",
        ),
        migrations.AddConstraint(
            model_name="indicator",
            constraint=models.CheckConstraint(
                condition=models.Q(("code__in", ["add", "import"]), _negated=True),
                name="indicator_code_is_not_a_reserved_word",
                violation_error_message="That word is part of the product's own addresses. Choose another.",
            ),
        ),
    ]
