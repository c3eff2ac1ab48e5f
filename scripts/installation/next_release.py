"""Release 2: this checkout with a migration more, as a later release would have: a table, a column, and rows made from those there are."""

import os
import subprocess
import tarfile
import tempfile
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
APP = "strategies"
NAME = "9999_next_release"
MODEL = '''

class NextRelease(models.Model):
    """What the release after this one keeps of each area."""

    area = models.OneToOneField("strategies.Area", on_delete=models.CASCADE)
    words = models.TextField()
'''
MIGRATION = '''"""A table, a column, and rows."""

import django.db.models.deletion
from django.db import migrations, models


def tell(apps, schema_editor):
    rows = [(area, f"{{area.name}} was here before") for area in apps.get_model("strategies", "Area").objects.all()]
    of = apps.get_model("strategies", "NextRelease")
    of.objects.bulk_create([of(area=area, words=words) for area, words in rows])


class Migration(migrations.Migration):
    dependencies = [("strategies", "{last}")]
    operations = [
        migrations.CreateModel(
            "NextRelease",
            [
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("area", models.OneToOneField("strategies.Area", on_delete=django.db.models.deletion.CASCADE)),
                ("words", models.TextField()),
            ],
        ),
        migrations.RunSQL("ALTER TABLE workstrands_progressupdate ADD COLUMN next_release boolean NOT NULL DEFAULT false"),
        migrations.RunPython(tell),
    ]
'''


def archive_of_checkout(to: Path) -> None:
    """What the checkout holds, with what is not committed yet: `git archive` of it once it is."""
    with tarfile.open(to, "w:gz") as archive:
        for name in names():
            archive.add(CHECKOUT / name, name, filter=as_root)


def archive_of_next_release(to: Path) -> None:
    with tempfile.TemporaryDirectory() as folder, tarfile.open(to, "w:gz") as archive:
        more = Path(folder, "more")
        for name in names():
            archive.add(CHECKOUT / name, name, filter=as_root)
        models = f"{APP}/models/versions.py"
        for name, text in {
            models: (CHECKOUT / models).read_text() + MODEL,
            f"{APP}/migrations/{NAME}.py": MIGRATION.format(last=last_migration()),
        }.items():
            more.write_text(text)
            archive.add(more, name, filter=as_root)  # the later of two wins when it is unpacked


def names() -> list[str]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=CHECKOUT,
        capture_output=True,
        check=True,
    ).stdout
    given = [os.fsdecode(name) for name in listed.split(b"\0") if name]
    return [name for name in given if (CHECKOUT / name).exists()]


def as_root(member: tarfile.TarInfo) -> tarfile.TarInfo:
    member.uid = member.gid = 0
    member.uname = member.gname = "root"
    return member


def last_migration() -> str:
    return max(file.stem for file in (CHECKOUT / APP / "migrations").glob("0*.py"))
