"""What the illustrative leads write. No child, no real event and no real figure stands in here."""

import random
import re

from workstrands.status import Cause, EscalateTo, EvidenceKind

LONGEST_SUBJECT = 70
# Words that no name ends with.
LOOSE_ENDS = {"a", "an", "and", "any", "are", "as", "at", "by", "for", "from", "have", "in", "into", "is", "of", "on", "or",
              "our", "own", "such", "that", "the", "their", "them", "they", "those", "to", "with"}  # fmt: skip
CUTS = re.compile(
    r"(?<=\S) (?:to increase|to improve|to enable|to provide|to ensure|to measure|to better|so that|so they|so|through|ensuring|"
    r"enhancing|focusing|focussed|including|which|that|with impact|in line with|where|who|with)\b|[,;:.(]"
)


def subject_of(title: str) -> str:
    """The first few words of an action, as one would name it in a sentence: “Expand SEN independent travel training programme”."""
    words, is_cut = title.strip(), False
    for found in CUTS.finditer(words):
        if len(words[: found.start()].split()) >= 4:
            words, is_cut = words[: found.start()], found[0] != "."
            break
    is_cut = is_cut or len(words) > LONGEST_SUBJECT
    kept = (words[:LONGEST_SUBJECT].rsplit(" ", 1)[0] if len(words) > LONGEST_SUBJECT else words).split()
    while len(kept) > 1 and kept[-1].lower() in LOOSE_ENDS:
        kept.pop()
    return " ".join(kept).rstrip(".,;:") + ("…" if is_cut else "")


NOT_STARTED = [
    "“{subject}” has not been started. It waits for the plan of the work to be agreed.",
    "Work on “{subject}” has not begun; it follows another action that has to finish first.",
]
ON_TRACK_OPENINGS = [
    "“{subject}” is going to plan.",
    "Work on “{subject}” is where it should be.",
    "Good progress on “{subject}” since the last report.",
    "“{subject}”: the stage we are in will finish when we said it would.",
    "The group that looks after “{subject}” met and found nothing that threatens the date.",
]
ON_TRACK_DETAILS = [
    "Partners have agreed who does what, and the next stage has begun.",
    "A draft has been shared with parents, carers and young people for their comments.",
    "The first settings have started and tell us what to change before the others follow.",
    "Comments from families have been taken in and the second version is being tested.",
    "The plan of the work, its milestones and its risks were reviewed and stand as they are.",
    "Staff who will use it have been briefed, and their questions are being answered.",
    "What we have learned so far has been written up and shared across the partnership.",
    "The parent carer forum was asked what matters most, and the order of work follows their answer.",
]
ON_TRACK_NEXT = [
    "Finish the present stage and tell families what has changed.",
    "Test it with a further group of settings and gather their comments.",
    "Bring a short summary to the operational group.",
    "Agree with partners how the result will be measured.",
    "Put the guidance into its final form with parents and carers.",
]
RECOVERED = "What held it up before has been dealt with."
AT_RISK_OPENINGS = [
    "“{subject}” is slower than planned.",
    "Part of “{subject}” is behind, and the date may be missed.",
    "“{subject}” goes on, but one stage has not finished when it should.",
]
OFF_TRACK_OPENINGS = [
    "“{subject}” will miss its date as things are.",
    "“{subject}” has come to a halt at its present stage.",
    "We cannot finish “{subject}” as planned without help.",
]
CAUSES: dict[str, tuple[str, str, str]] = {
    Cause.WORKFORCE: (
        "A post that the work depends on is vacant and cover has been found for only part of it.",
        "Agree cover with the service until the post is filled, and do the parts that families notice first.",
        "Agree that the vacant post may be filled, or say which other work should wait.",
    ),
    Cause.FUNDING: (
        "Money for the next stage has not been confirmed beyond this financial year.",
        "Set out what can be done within the present budget and what would have to wait.",
        "Decide whether the next stage will be paid for, and by which partner.",
    ),
    Cause.PARTNER: (
        "A partner has not yet confirmed its share of the work.",
        "Meet the partner’s lead and agree what they will do and by when.",
        "Confirm who takes part for each partner, and who chairs.",
    ),
    Cause.DATA: (
        "The figures needed to see whether it works cannot yet be shared between services.",
        "Agree what may be shared and start with a sample counted by hand.",
        "Ask each partner to sign the sharing agreement.",
    ),
    Cause.LAW: (
        "National guidance that the work has to follow is still awaited.",
        "Do the parts that do not depend on the guidance, and review the plan when it comes.",
        "Decide whether to go ahead before the national guidance is published.",
    ),
    Cause.OTHER: (
        "More settings asked to take part than the plan allowed for.",
        "Put the settings in an order of need and agree it with them.",
        "Agree the order in which settings take part.",
    ),
}
CAUSE_WEIGHTS = {
    Cause.WORKFORCE: 6, Cause.PARTNER: 3, Cause.FUNDING: 3, Cause.DATA: 2, Cause.LAW: 1, Cause.OTHER: 1,
}  # fmt: skip
ESCALATIONS = [EscalateTo.SRO, EscalateTo.OPERATIONAL_GROUP, EscalateTo.SRO, EscalateTo.LEAD]
COMPLETE = [
    "“{subject}” is done: what was promised is in place and is being used.",
    "All stages of “{subject}” are complete, and the service has taken it over as everyday work.",
]
EMBEDDED = "“{subject}” has been everyday practice for some months, and what families tell us still says that it helps."
DIFFERENCE = [
    "Parents and carers who answered our questions say they know better whom to turn to.",
    "Settings tell us that they ask for help earlier than before.",
    "Young people who took part say that they were listened to.",
]
EVIDENCE = {
    EvidenceKind.DOCUMENT: "Closing report: {subject}",
    EvidenceKind.LIVED_EXPERIENCE: "What parents, carers and young people said about it: {subject}",
    EvidenceKind.DATA: "Before and after, in figures: {subject}",
    EvidenceKind.AUDIT: "Sample audit by two services: {subject}",
}
CONFIRMATION = "Looked at with the parent carer forum: the difference has lasted for two terms. (Illustrative.)"
SLIP_REASONS = [
    "The stage before took longer than planned.",
    "Moved so that families could be asked first.",
    "A partner could not begin before this term.",
    "The post that does the work was vacant for part of the year.",
]
COMMENTARY = [
    "Better than last month; the change in how requests are shared out seems to help. (Illustrative.)",
    "A little worse than last month: fewer staff over the holidays. (Illustrative.)",
]


def pick_cause(rng: random.Random) -> str:
    return rng.choices(list(CAUSE_WEIGHTS), weights=list(CAUSE_WEIGHTS.values()))[0]


def on_track(rng: random.Random, subject: str, *, has_recovered: bool) -> tuple[str, str]:
    """(how it is going, what happens next)."""
    middle = f" {RECOVERED}" if has_recovered else ""
    opening = rng.choice(ON_TRACK_OPENINGS).format(subject=subject)
    return f"{opening}{middle} {rng.choice(ON_TRACK_DETAILS)}", rng.choice(ON_TRACK_NEXT)


def worrying(rng: random.Random, subject: str, *, cause: str, is_off_track: bool) -> tuple[str, str]:
    opening = rng.choice(OFF_TRACK_OPENINGS if is_off_track else AT_RISK_OPENINGS).format(subject=subject)
    why, next_steps, _ = CAUSES[cause]
    return f"{opening} {why}", next_steps


def asked(cause: str) -> str:
    return CAUSES[cause][2]


def evidence_title(kind: str, subject: str) -> str:
    return EVIDENCE[kind].format(subject=subject)[:200]
