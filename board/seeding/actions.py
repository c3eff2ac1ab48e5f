"""Actions and objectives: their public keys, where an action hangs, and its due dates."""

from django.utils.text import slugify

from board.seeding.reading import Record
from board.seeding.run import Run
from board.seeding.writing import Wanted
from workstrands.models import Action, Deadline, Objective, Placement


def put_objective(run: Run, record: Record) -> None:
    key = record.fields["ref"].lower().replace(".", "-")
    run.put(Wanted("objective", Objective, record.seed_key, run.values(record) | {"key": key}), record)


def put_action(run: Run, record: Record) -> None:
    """The action, its first placement, and its due dates in the order they were set: a revision is the next number."""
    values = run.values(record)
    strategy = values["strategy"]
    values |= {"area": strategy.area, "key": slugify(f"{strategy.slug}-{record.fields['ref'].replace('.', '-')}")}
    links = {"supporting_leads": run.named_all(record, "supporting_leads")}
    action = run.put(Wanted("action", Action, record.seed_key, values, links), record)
    put_placement(run, record, action)
    for deadline in record.children("deadline"):
        put_deadline(run, record, deadline, action)


def put_placement(run: Run, record: Record, action: Action) -> None:
    """An action hangs on its objective when it names one, else on its priority, its work strand or both."""
    objective = run.named(record, "objective")
    values = {
        "action": action,
        "objective": objective,
        "priority": None if objective else run.named(record, "priority"),
        "workstrand": None if objective else run.named(record, "workstrand"),
        "lead": run.named(record, "lead"),
        "is_lead_joint": record.fields.get("is_lead_joint", False),
        "is_lead_assumed": record.fields.get("is_lead_assumed", False),
        "source": run.document(record),
        "source_locator": record.fields["line"],
    }
    dated = {"numbered_by": ("action",), "recorded_at": run.recorded_at(record)}
    run.put(Wanted("placement", Placement, f"{record.seed_key}/placement", values, **dated), record)


def put_deadline(run: Run, record: Record, deadline: Record, action: Action) -> None:
    values = run.values(deadline) | {"action": action, "source_locator": record.fields["line"]}
    dated = {"numbered_by": ("action",), "recorded_at": run.recorded_at(record)}
    run.put(Wanted("deadline", Deadline, deadline.seed_key, values, **dated), deadline)
