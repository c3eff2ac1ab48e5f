"""Which words of which records can be found.

Each source is one SELECT over its table (`s`), in SQL that both databases understand, because the triggers that keep the
index in step are written in it too. Email addresses are in none of them.
"""

import re
from dataclasses import dataclass

LONGEST_BODY = 100_000  # characters; PostgreSQL refuses to index more than a megabyte of words
LONGEST_HEADING = (
    10_000  # characters; it is shown whole, with what was found marked, and the marking of a book takes seconds
)


@dataclass(frozen=True)
class Source:
    """`heading` and `body` are found by their words, `ref` as a whole and by how it begins. `known` is since when.

    `follows` names a table whose text is shown as this record's own: (table, column of `s` that points at it, columns).
    """

    kind: str
    one: str
    many: str
    table: str
    area: str = "s.area_id"
    plan: str = ""
    joins: str = ""
    ref: str = "''"
    heading: str = "''"
    body: tuple[str, ...] = ()
    known: str = "NULL"
    follows: tuple[str, str, tuple[str, ...]] | None = None

    @property
    def has_titles(self) -> bool:
        """Whether words in a title can be told from those in a text: not of a progress update, which is all text."""
        return not self.heading == self.ref == "''"

    @property
    def watched(self) -> list[str]:
        """The columns of the table whose change changes what is found."""
        said = " ".join([self.area, self.plan, self.joins, self.ref, self.heading, *self.body, self.known])
        return sorted(set(re.findall(r"\bs\.(\w+)", said)) - {"id"})

    def select(self, where: str) -> str:
        """One row of the index for each record that `where` chooses."""
        plan = f" || COALESCE(' plan' || {self.plan} || '0', '')" if self.plan else ""
        body = " || ' ' || ".join(f"COALESCE({part}, '')" for part in self.body) or "''"
        return (
            f"SELECT {self.area}, '{self.kind}', s.id, substr({self.ref}, 1, 80), "
            f"substr({self.heading}, 1, {LONGEST_HEADING}), "
            f"substr({body}, 1, {LONGEST_BODY}), 's' || {self.area} || '{self.kind}0 area' || {self.area} || '0'{plan}, {self.known} "
            f"FROM {self.table} s {self.joins} WHERE {where}"
        )


OF_PLAN = {"joins": "JOIN strategies_strategy p ON p.id = s.strategy_id", "area": "p.area_id", "plan": "s.strategy_id"}
OF_PRIORITY = {
    "joins": "JOIN priorities_priority o ON o.id = s.priority_id JOIN strategies_strategy p ON p.id = o.strategy_id",
    "area": "p.area_id",
    "plan": "o.strategy_id",
}
OF_ACTION = {
    "joins": "JOIN workstrands_action a ON a.id = s.action_id",
    "area": "a.area_id",
    "plan": "a.strategy_id",
}
OF_KPI = {"joins": "JOIN kpis_kpi k ON k.id = s.kpi_id", "area": "k.area_id"}
OF_MEETING = {"joins": "JOIN strategies_meeting m ON m.id = s.meeting_id", "area": "m.area_id"}

# In the order in which a page shows them: what was promised, how it goes, what the Board does with it, where it came from.
SOURCES = [
    Source("action", "Action", "Actions", "workstrands_action", plan="s.strategy_id", ref="s.ref", heading="s.title",
           body=("s.intended_impact",), known="s.added_at"),
    Source("objective", "Objective", "Objectives", "workstrands_objective", ref="s.ref", heading="s.text",
           known="s.added_at", **OF_PLAN),
    Source("priority", "Priority", "Priorities", "priorities_priority", ref="s.ref", heading="s.title",
           body=("s.statement",), known="s.added_at", **OF_PLAN),
    Source("strand", "Work strand", "Work strands", "workstrands_workstrand", heading="s.name", body=("s.alias",),
           known="s.added_at", **OF_PLAN),
    Source("kpi", "KPI", "KPIs", "kpis_kpi", joins="JOIN kpis_indicator i ON i.id = s.indicator_id",
           heading="i.title", body=("i.definition",), known="s.added_at",
           follows=("kpis_indicator", "indicator_id", ("title", "definition"))),
    Source("lead", "Lead", "People", "people_lead", ref="s.initials", heading="s.name", body=("s.role",)),
    Source("partner", "Partner", "Partners", "people_partner", heading="s.name"),
    Source("finding", "Inspection finding", "Inspection findings", "priorities_finding",
           joins="JOIN priorities_inspection n ON n.id = s.inspection_id", area="n.area_id", ref="s.ref",
           heading="s.text", body=("s.owner_text",), known="s.added_at"),
    Source("inspection", "Inspection", "Inspections", "priorities_inspection", heading="s.inspectorates",
           body=("s.outcome",), known="s.added_at"),
    Source("risk", "Risk", "Risks and issues", "board_risk", ref="s.ref", heading="s.title",
           body=("s.cause", "s.event", "s.effect", "s.mitigation"), **OF_PLAN),
    Source("measure", "Measure of success", "Measures of success", "priorities_successmeasure", ref="s.ref",
           heading="s.text", known="s.added_at", **OF_PRIORITY),
    Source("update", "Progress update", "Progress updates", "workstrands_progressupdate",
           joins="JOIN workstrands_action a ON a.id = s.action_id", plan="a.strategy_id",
           body=("s.narrative", "s.next_steps", "s.difference_made", "s.ask"), known="s.recorded_at"),
    Source("evidence", "Evidence", "Evidence", "workstrands_evidence",
           joins="JOIN workstrands_progressupdate u ON u.id = s.update_id JOIN workstrands_action a ON a.id = u.action_id",
           area="u.area_id", plan="a.strategy_id", heading="s.title", known="u.recorded_at"),
    Source("step", "Step of an action", "Steps of actions", "workstrands_milestone", heading="s.text", **OF_ACTION),
    Source("commentary", "Commentary on a KPI", "Commentary on KPIs", "kpis_commentary", body=("s.text",),
           known="s.recorded_at", **OF_KPI),
    Source("reply", "Answer to a flag", "Answers to flags", "board_flagreply", body=("s.text",),
           known="s.recorded_at", **OF_ACTION),
    Source("assessment", "Owner's view", "Owners' views", "board_priorityassessment",
           body=("s.reason", "s.mitigation", "s.consequence"), known="s.recorded_at", **OF_PRIORITY),
    Source("decision", "Decision", "Decisions", "board_decision", heading="s.text", body=("s.reason", "s.owner_text"),
           known="s.recorded_at", **OF_MEETING),
    Source("challenge", "Challenge", "Challenges", "board_challenge", heading="s.text",
           body=("s.answer", "s.raised_by"), known="s.recorded_at", **OF_MEETING),
    Source("log", "Entry of a meeting's log", "Entries of meetings' logs", "board_meetingaction", heading="s.text",
           body=("s.owner_text",), known="s.recorded_at", **OF_MEETING),
    Source("forward", "To be looked at in depth", "To be looked at in depth", "board_forwarditem", heading="s.title"),
    Source("voice", "What families say", "What families say", "board_familyview", body=("s.words", "s.body", "s.coproduced"),
           plan="COALESCE(a.strategy_id, o.strategy_id)", known="s.recorded_at",
           joins="LEFT JOIN workstrands_action a ON a.id = s.action_id LEFT JOIN priorities_priority o ON o.id = s.priority_id"),
    Source("said", "You said, we did", "You said, we did", "strategies_yousaidwedid", heading="s.said", body=("s.did",)),
    Source("practice", "What is done already", "What is done already", "priorities_currentpractice", body=("s.text",),
           **OF_PRIORITY),
    Source("plan", "Plan", "Plans", "strategies_strategy", plan="s.id", heading="s.title"),
    Source("document", "Document", "Documents", "strategies_sourcedocument", heading="s.title",
           body=("s.publisher", "s.note")),
    Source("passage", "Passage of a document", "Passages of documents", "strategies_passage",
           joins="JOIN strategies_sourcedocument d ON d.id = s.document_id", area="d.area_id", heading="s.heading",
           body=("s.text", "s.attributed_to")),
    Source("term", "Word explained", "Words explained", "strategies_glossaryterm", ref="s.abbreviation",
           heading="s.meaning", body=("s.abbreviation",)),
]  # fmt: skip
BY_KIND = {source.kind: source for source in SOURCES}
