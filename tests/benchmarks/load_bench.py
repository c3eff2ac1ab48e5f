"""Loads the CSVs of the shared bench, as one plan, so that the product can be measured beside other tools.

    DATABASE_URL=sqlite:///bench.sqlite3 python -m tests.benchmarks.load_bench CSV_FOLDER

CSV_FOLDER is the bench's `data/s1`. The database must not hold the area yet. Every priority, strand, objective and action
hangs in one baselined strategy, whose board page shows 24 KPIs and 20 exceptions; each owner is a lead, each month's report an
imported one. Prints the address of the board page and the email address of a Board member who may see it.
"""

import argparse
import csv
import os
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

LETTERS = {"not_started": "N", "red": "R", "amber": "A", "green": "G", "complete": "B"}
STARTS_ON, ENDS_ON = date(2025, 1, 1), date(2030, 12, 31)
EMAIL = "board@northvale.example"
KPIS_SHOWN, EXCEPTIONS_SHOWN = 24, 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "send_tracker.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import transaction

    call_command("migrate", verbosity=0)
    with transaction.atomic():
        strategy = load_plan(folder)
        load_actions(folder, strategy, load_objectives(folder, strategy))
        load_kpis(folder, strategy)
    print(f"{strategy.get_absolute_url()} {EMAIL}")


def rows_of(folder: Path, table: str) -> list[dict[str, str]]:
    with (folder / f"{table}.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def load_plan(folder: Path):
    """The area, its Board member and the plan; the first of the CSV's strategies gives the name."""
    from people.models import Membership, User
    from strategies.models import Area, Strategy

    area = Area.objects.create(name=rows_of(folder, "area")[0]["name"], slug="northvale")
    user = User.objects.create(email=EMAIL)
    Membership.objects.create(user=user, area=area, role=Membership.Role.BOARD)
    return Strategy.objects.create(
        area=area, title=rows_of(folder, "strategy")[0]["name"], slug="send-strategy", starts_on=STARTS_ON,
        ends_on=ENDS_ON, baselined_on=STARTS_ON, kpis_shown=KPIS_SHOWN, exceptions_shown=EXCEPTIONS_SHOWN,
    )  # fmt: skip


def load_objectives(folder: Path, strategy) -> dict:
    """Objectives by the CSV's number, each under its strand and that strand's priority."""
    from priorities.models import Priority
    from workstrands.models import Objective, WorkStrand

    priorities = {
        row["id"]: Priority(strategy=strategy, ref=row["ref"], title=row["name"], position=int(row["id"]))
        for row in rows_of(folder, "priority")
    }
    Priority.objects.bulk_create(priorities.values())
    strand_rows = rows_of(folder, "work_strand")
    strands = {
        row["id"]: WorkStrand(strategy=strategy, slug=f"strand-{row['id']}", name=row["name"], position=int(row["id"]))
        for row in strand_rows
    }
    WorkStrand.objects.bulk_create(strands.values())
    priority_of = {row["id"]: priorities[row["priority_id"]] for row in strand_rows}
    objectives = {
        row["id"]: Objective(
            strategy=strategy, priority=priority_of[row["work_strand_id"]], workstrand=strands[row["work_strand_id"]],
            key=row["ref"].lower(), ref=row["ref"], text=row["name"], position=int(row["id"]),
        )
        for row in rows_of(folder, "objective")
    }  # fmt: skip
    Objective.objects.bulk_create(objectives.values(), batch_size=500)
    return objectives


def load_actions(folder: Path, strategy, objectives: dict) -> None:
    from common.dates import noon
    from people.models import Lead
    from workstrands.models import Action, Deadline, Placement

    rows, agreed_at = rows_of(folder, "action"), noon(STARTS_ON)
    leads = {name: Lead(area=strategy.area, name=name) for name in sorted({row["owner"] for row in rows})}
    Lead.objects.bulk_create(leads.values())
    actions = {
        row["id"]: Action(
            area=strategy.area, strategy=strategy, key=row["ref"].lower(), ref=row["ref"], title=row["name"],
            starts_on=date.fromisoformat(row["start_date"]), position=int(row["id"]),
        )
        for row in rows
    }  # fmt: skip
    Action.objects.bulk_create(actions.values(), batch_size=500)
    placements = [
        Placement(
            action=actions[row["id"]], number=1, recorded_at=agreed_at, objective=objectives[row["objective_id"]],
            lead=leads[row["owner"]],
        )
        for row in rows
    ]  # fmt: skip
    Placement.objects.bulk_create(placements, batch_size=500)
    deadlines = [
        Deadline(action=actions[row["id"]], number=1, recorded_at=agreed_at, due_on=date.fromisoformat(row["due_date"]))
        for row in rows
    ]
    Deadline.objects.bulk_create(deadlines, batch_size=500)
    load_updates(folder, strategy, actions)


def load_updates(folder: Path, strategy, actions: dict) -> None:
    """Numbered in order of the months; recorded in the middle of each."""
    from workstrands.models import ProgressUpdate

    numbers, updates = dict.fromkeys(actions, 0), []
    for row in sorted(rows_of(folder, "progress_update"), key=lambda row: row["month"]):
        numbers[row["action_id"]] += 1
        updates.append(
            ProgressUpdate(
                area=strategy.area, action=actions[row["action_id"]], number=numbers[row["action_id"]],
                recorded_at=middle_of(row["month"]), status=LETTERS[row["rag"]], narrative=row["note"], is_imported=True,
            )
        )  # fmt: skip
    ProgressUpdate.objects.bulk_create(updates, batch_size=500)


def middle_of(month: str) -> datetime:
    from common.dates import noon

    return noon(date.fromisoformat(month).replace(day=15))


def load_kpis(folder: Path, strategy) -> None:
    """The first 24 are headline KPIs. A standing target is set whenever the monthly one changes."""
    from common.dates import last_day_of_month, noon
    from kpis.models import Indicator, Kpi, Measurement, Target
    from kpis.vocabulary import Frequency, Polarity, Unit
    from priorities.models import Priority

    area, rows = strategy.area, rows_of(folder, "kpi")
    indicators = {
        row["id"]: Indicator(
            code=row["ref"].lower(), title=row["name"], unit=Unit.PERCENT, decimals=1, polarity=Polarity.HIGHER,
            frequency=Frequency.MONTHLY,
        )
        for row in rows
    }  # fmt: skip
    Indicator.objects.bulk_create(indicators.values())
    kpis = {
        row["id"]: Kpi(
            area=area,
            indicator=indicators[row["id"]],
            is_headline=int(row["id"]) <= KPIS_SHOWN,
            position=int(row["id"]),
        )
        for row in rows
    }
    Kpi.objects.bulk_create(kpis.values())
    priorities = {priority.position: priority for priority in Priority.objects.filter(strategy=strategy)}
    for row in rows:
        kpis[row["id"]].priorities.add(priorities[int(row["priority_id"])])
    measurements, targets, promised = [], [], {pk: [] for pk in kpis}
    for row in sorted(rows_of(folder, "measurement"), key=lambda row: row["month"]):
        start, value, target = date.fromisoformat(row["month"]), Decimal(row["value"]), Decimal(row["target"])
        end, so_far = last_day_of_month(start), promised[row["kpi_id"]]
        measurements.append(
            Measurement(
                indicator=indicators[row["kpi_id"]], area=area, period_start=start, period_end=end, number=1,
                recorded_at=noon(end), value=value, raw=row["value"],
            )
        )  # fmt: skip
        if not so_far or so_far[-1] != target:
            so_far.append(target)
            targets.append(
                Target(
                    kpi=kpis[row["kpi_id"]],
                    number=len(so_far),
                    recorded_at=noon(start),
                    period_start=start,
                    value=target,
                )
            )
    Measurement.objects.bulk_create(measurements, batch_size=500)
    Target.objects.bulk_create(targets, batch_size=500)


if __name__ == "__main__":
    main()
