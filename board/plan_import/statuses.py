"""What the letters and words for a status mean, as areas write them. Others are asked for, never guessed."""

from board.plan_import.grids import normal
from workstrands.status import Status

WORDS: dict[Status, str] = {
    Status.NOT_STARTED: "n; not started; not yet started; grey; gray; white; not begun; yet to start; not due; not yet due; 0",
    Status.OFF_TRACK: "r; red; off track; off target; overdue; late; significantly off track; not on track",
    Status.AT_RISK: "a; amber; at risk; yellow; y; some delay; slightly off track; delayed; some slippage",
    Status.ON_TRACK: "g; green; on track; on target; on schedule; underway; under way",
    Status.COMPLETE: "b; blue; complete; completed; done; closed; achieved; finished; 100",
    Status.ON_HOLD: "h; on hold; paused",
    Status.STOPPED: "s; stopped; cancelled; withdrawn; ceased",
}
KNOWN = {word: status for status, words in WORDS.items() for word in words.split("; ")}
# Words for the letters may stand beside them: "Amber - at risk".
PUT_ASIDE = (Status.ON_HOLD, Status.STOPPED)


def status_of(text: str) -> Status | None:
    """None where it is not plain. "Amber – at risk" says the same twice, "Red/Amber" does not."""
    words = normal(text)
    if words in KNOWN:
        return KNOWN[words]
    parts = [
        normal(part) for part in text.replace("–", "-").replace("/", "-").replace(":", "-").replace("(", "-").split("-")
    ]
    said = {KNOWN.get(part.strip(" )")) for part in parts if part.strip(" )")}
    return said.pop() if len(said) == 1 else None


def is_status(text: str) -> bool:
    return normal(text) in KNOWN or status_of(text) is not None
