"""The records behind a paper, row by row and unrounded, as known by its moment: for the workbook.

One query a sheet, and four for the figures, whatever the number of rows. Each function gives its headings as the first row.
"""

from collections.abc import Sequence

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from board.models import (
    Decision,
    DecisionOutcome,
    FamilyView,
    FlagReply,
    PriorityAssessment,
    Risk,
    RiskScore,
    UpdateReview,
)
from board.papers.reading import risks_of_part
from board.report import BoardReport
from board.vocabulary import DecisionKind, Felt, Outcome, ReviewVerdict
from kpis.figure import KpiFigure
from kpis.models import Kpi, Measurement, Target
from kpis.reading import kpi_figures
from kpis.vocabulary import Frequency, MeasurementState, Missing, Polarity, Qualifier, TargetKind, Unit
from workstrands.flags import FlagCode
from workstrands.models import Deadline, ProgressUpdate
from workstrands.status import SHOWN_WORDS, Cause, DeadlineState, EscalateTo, Impact, UpdateKind

Rows = list[list]


def _words(choices, value: str | None) -> str:
    return str(choices(value).label) if value else ""


def _rows(heads: Sequence[str], found: QuerySet, fields: Sequence, words: dict[str, type] | None = None) -> Rows:
    """`words` turns the value under a heading into the label of its choice."""
    turned = {heads.index(head): choices for head, choices in (words or {}).items()}
    rows = [list(row) for row in found.values_list(*fields)]
    for row in rows:
        for at, choices in turned.items():
            row[at] = _words(choices, row[at])
    return [list(heads), *rows]


def updates(report: BoardReport) -> Rows:
    heads = [
        "Ref", "Action", "Number", "Said at", "Status", "Kind", "How it is going", "What happens next", "Cause",
        "Who needs to act", "What is asked", "Needed by", "What difference it has made", "Impact", "By", "On behalf of",
        "For the meeting on", "By whose decision", "Look again on", "Checked", "Illustrative",
    ]  # fmt: skip
    fields = [
        "action__ref", "action__title", "number", "recorded_at", "status", "kind", "narrative", "next_steps", "cause",
        "escalate_to", "ask", "needed_by", "difference_made", "impact", "author__email", "on_behalf_of__name",
        "round__meeting__held_on", "authority", "look_again_on", "verdict", "is_illustrative",
    ]  # fmt: skip
    words = {
        "Kind": UpdateKind,
        "Cause": Cause,
        "Who needs to act": EscalateTo,
        "Impact": Impact,
        "Checked": ReviewVerdict,
    }
    reviews = UpdateReview.objects.filter(update=OuterRef("pk"), recorded_at__lte=report.moment).order_by("-number")
    found = _of_actions(report, ProgressUpdate).annotate(verdict=Subquery(reviews.values("verdict")[:1]))
    rows = _rows(heads, found, fields, words)
    for row in rows[1:]:
        row[4], row[19] = f"{row[4]} {SHOWN_WORDS[row[4]]}", row[19] or "Not yet checked"
    return rows


def deadlines(report: BoardReport) -> Rows:
    heads = [
        "Ref", "Action", "Number", "Recorded at", "Due", "As written", "For", "State", "Reason", "Certainty", "Illustrative",
    ]  # fmt: skip
    fields = [
        "action__ref", "action__title", "number", "recorded_at", "due_on", "as_written", "applies_to", "state", "reason",
        "certainty", "is_illustrative",
    ]  # fmt: skip
    words = {"State": DeadlineState, "Certainty": Deadline.Certainty}
    return _rows(heads, _of_actions(report, Deadline), fields, words)


def _of_actions(report: BoardReport, model) -> QuerySet:
    """Of the actions of the report, which may be a part of the plan."""
    chosen = model.objects.filter(action__strategy=report.strategy, recorded_at__lte=report.moment)
    ids = [standing.id for standing in report.standings]
    return chosen.filter(action__in=ids).order_by("action__position", "action", "number")


def figures(report: BoardReport, codes: list[str]) -> list[KpiFigure]:
    area = report.strategy.area
    return kpi_figures(area, report.moment, kpis=Kpi.objects.filter(indicator__code__in=codes))


KPI_HEADS = [
    "Code", "KPI", "Unit", "Better when", "Frequency", "Owner", "Headline", "Latest figure", "As shown", "Period",
    "Period ends", "Target", "Target in words", "Status", "Since the figure before", "Variation and assurance", "Tolerance",
    "Floor", "Statutory standard", "Next release", "Definition", "Illustrative",
]  # fmt: skip


def kpis(found: list[KpiFigure]) -> Rows:
    return [KPI_HEADS, *map(_kpi_row, found)]


def _kpi_row(kpi: KpiFigure) -> list:
    latest, target = kpi.latest, kpi.target or kpi.next_target
    said = [kpi.chart.variation_words, kpi.chart.assurance_words] if kpi.variation else []
    return [
        kpi.code, kpi.title, _words(Unit, kpi.unit), _words(Polarity, kpi.polarity), _words(Frequency, kpi.frequency),
        kpi.owner or "", kpi.is_headline, latest.value if latest else None, kpi.latest_shown, kpi.latest_period,
        latest.period_end if latest else None, target.value if target else None, kpi.target_words, str(kpi.status.label),
        kpi.change_words, " ".join(said), kpi.tolerance, kpi.floor, kpi.statutory_standard, kpi.next_release_on,
        kpi.definition, kpi.is_illustrative,
    ]  # fmt: skip


def measurements(report: BoardReport, found: list[KpiFigure]) -> Rows:
    """Every figure held of the area, restatements and forecasts too: a later number of a period took the earlier's place."""
    heads = [
        "Code", "KPI", "Breakdown", "Period", "Period starts", "Period ends", "State", "Figure", "Missing", "As written",
        "Qualifier", "Numerator", "Denominator", "Published", "Published on", "Number", "Recorded at", "Reason",
        "Source", "Illustrative",
    ]  # fmt: skip
    fields = [
        "indicator__code", "indicator__title", "breakdown", "period_label", "period_start", "period_end", "state", "value",
        "missing", "as_written", "qualifier", "numerator", "denominator", "is_published", "published_on", "number",
        "recorded_at", "reason", "source__title", "is_illustrative",
    ]  # fmt: skip
    rows = Measurement.objects.filter(
        area=report.strategy.area,
        indicator__code__in=[kpi.code for kpi in found],
        recorded_at__lte=report.moment,
    ).order_by("indicator__title", "breakdown", "period_end", "number")
    words = {"State": MeasurementState, "Missing": Missing, "Qualifier": Qualifier}
    return _rows(heads, rows, fields, words)


def targets(report: BoardReport, found: list[KpiFigure]) -> Rows:
    heads = [
        "Code", "KPI", "Kind", "Period starts", "Period ends", "Period", "Target", "As written", "Qualifier", "Number",
        "Recorded at", "Source", "Illustrative",
    ]  # fmt: skip
    fields = [
        "kpi__indicator__code", "kpi__indicator__title", "kind", "period_start", "period_end", "period_label", "value",
        "as_written", "qualifier", "number", "recorded_at", "source__title", "is_illustrative",
    ]  # fmt: skip
    rows = Target.objects.filter(kpi__in=[kpi.id for kpi in found], recorded_at__lte=report.moment)
    ordered = rows.order_by("kpi__indicator__title", "period_start", "number")
    return _rows(heads, ordered, fields, {"Kind": TargetKind, "Qualifier": Qualifier})


def decisions(report: BoardReport) -> Rows:
    """Of the area's meetings; those about an action of another plan, or of another part of it, belong into its papers."""
    heads = [
        "Meeting", "Number", "Kind", "Decision", "Reason", "Owner", "Owner, where no lead", "To be done by", "Ref", "Action",
        "KPI", "Date agreed", "Until", "Recorded at", "What became of it", "In words", "Illustrative",
    ]  # fmt: skip
    fields = [
        "meeting__held_on", "number", "kind", "text", "reason", "owner__name", "owner_text", "due_on", "action__ref",
        "action__title", "kpi__indicator__title", "agreed_on", "until", "recorded_at", "became", "became_words",
        "is_illustrative",
    ]  # fmt: skip
    outcome = DecisionOutcome.objects.filter(decision=OuterRef("pk"), recorded_at__lte=report.moment).order_by(
        "-number"
    )
    ids = [standing.id for standing in report.standings]
    rows = Decision.objects.filter(
        Q(action__isnull=True) | Q(action__in=ids), meeting__area=report.strategy.area, recorded_at__lte=report.moment
    ).annotate(became=Subquery(outcome.values("outcome")[:1]), became_words=Subquery(outcome.values("text")[:1]))
    ordered = rows.order_by("meeting__held_on", "number")
    return _rows(heads, ordered, fields, {"Kind": DecisionKind, "What became of it": Outcome})


def families(report: BoardReport, narrowing: str = "") -> Rows:
    """Every view given of the actions and priorities of the paper: a later number took the earlier's place."""
    heads = [
        "Priority", "Priority, in words", "Ref", "Action", "Number", "Said on", "Families feel it", "In their words", "From",
        "How it was co-produced", "Recorded at", "By", "Illustrative",
    ]  # fmt: skip
    fields = [
        "priority__ref", "priority__title", "action__ref", "action__title", "number", "said_on", "felt", "words", "body",
        "coproduced", "recorded_at", "recorded_by__name", "is_illustrative",
    ]  # fmt: skip
    of_actions = Q(action__in=[standing.id for standing in report.standings])
    rows = FamilyView.objects.filter(
        of_actions | _of_priorities(report, narrowing), area=report.strategy.area, recorded_at__lte=report.moment
    )
    places = (F(place).asc(nulls_last=True) for place in ("priority__position", "action__position"))
    ordered = rows.order_by(*places, "said_on", "number")
    return _rows(heads, ordered, fields, {"Families feel it": Felt})


def owners(report: BoardReport, narrowing: str = "") -> Rows:
    heads = [
        "Priority", "Priority, in words", "Number", "Recorded at", "For the meeting on", "Owners say", "Why",
        "What is done about it", "What happens if not", "By", "Illustrative",
    ]  # fmt: skip
    fields = [
        "priority__ref", "priority__title", "number", "recorded_at", "round__meeting__held_on", "status", "reason",
        "mitigation", "consequence", "recorded_by__name", "is_illustrative",
    ]  # fmt: skip
    rows = PriorityAssessment.objects.filter(_of_priorities(report, narrowing), recorded_at__lte=report.moment)
    found = _rows(heads, rows.order_by("priority__position", "priority", "number"), fields)
    for row in found[1:]:
        row[5] = f"{row[5]} {SHOWN_WORDS[row[5]]}"
    return found


def answers(report: BoardReport) -> Rows:
    """What leads answer to the flags of their actions."""
    heads = ["Ref", "Action", "Number", "Recorded at", "Flag", "Answer", "By", "Illustrative"]
    fields = [
        "action__ref", "action__title", "number", "recorded_at", "flag", "text", "recorded_by__name", "is_illustrative",
    ]  # fmt: skip
    return _rows(heads, _of_actions(report, FlagReply), fields, {"Flag": FlagCode})


def _of_priorities(report: BoardReport, narrowing: str) -> Q:
    """All of the plan, the one of the paper, or, of a strand, none."""
    kind, _, name = narrowing.partition("=")
    if kind == "strand":
        return Q(pk__in=[])
    of_plan = Q(priority__strategy=report.strategy)
    return of_plan & Q(priority__ref=name) if kind else of_plan


def risks(report: BoardReport, narrowing: str = "") -> Rows:
    """The register of the plan, or what of it belongs to the part, with the scores that stood at the moment."""
    heads = [
        "Ref", "Risk or issue", "Kind", "Because of", "This may happen", "Which would mean", "Likelihood", "Impact", "Score",
        "Target likelihood", "Target impact", "Owner", "What is done about it", "Review on", "Escalated to", "Raised on",
        "Closed on", "Illustrative",
    ]  # fmt: skip
    fields = [
        "ref", "title", "kind", "cause", "event", "effect", "likelihood", "impact", "score", "target_likelihood",
        "target_impact", "owner__name", "mitigation", "review_on", "escalated_to", "raised_on", "closed_on",
        "is_illustrative",
    ]  # fmt: skip
    scores = RiskScore.objects.filter(risk=OuterRef("pk"), recorded_at__lte=report.moment).order_by("-number")
    rows = (
        risks_of_part(report, narrowing)
        .filter(raised_on__lte=report.day)
        .annotate(
            likelihood=Subquery(scores.values("likelihood")[:1]),
            impact=Subquery(scores.values("impact")[:1]),
            score=F("likelihood") * F("impact"),
        )
    )
    return _rows(heads, rows.order_by("ref"), fields, {"Kind": Risk.Kind, "Escalated to": EscalateTo})
