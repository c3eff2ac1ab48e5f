"""What the title of a slide says: a sentence, made of what stands on the slide."""

from collections import Counter
from collections.abc import Iterable, Sequence

from board.papers.blocks import KpiBlock, Table
from board.papers.fitting import shortened, status_words
from common.words import count_words, listed
from workstrands.status import SHOWN_ORDER

LONGEST_TITLE = 170


def of_table(prefix: str, table: Table) -> str:
    """Exceptions: 6 off track, 1 no update; what the table is where it shows no status."""
    found = _statuses(table)
    if not found:
        return shortened(prefix or table.caption, LONGEST_TITLE)
    said = listed(f"{found[letter]} {status_words(letter).lower()}" for letter in SHOWN_ORDER if found.get(letter))
    return f"{shortened(prefix or table.caption, LONGEST_TITLE - len(said) - 2)}: {said}"


def _statuses(table: Table) -> Counter:
    """What a bar counts; else of the last column that shows them: what is assessed stands to the right of what is reported."""
    found: Counter = Counter()
    for row in table.rows:
        for cell in row:
            found.update(dict(cell.counts))
    if found:
        return found
    of_columns = [[row[at].status for row in table.rows if row[at].status] for at in range(len(table.columns))]
    letters = next((each for each in reversed(of_columns) if each), [])
    found.update(letters)
    return found


def of_kpis(prefix: str, kpis: Sequence[KpiBlock]) -> str:
    """KPIs: two behind, one target met."""
    if len(kpis) == 1:
        only = kpis[0]
        return shortened(f"{only.title}: {only.figure}, {only.period}".rstrip(", "), LONGEST_TITLE)
    counted = Counter(kpi.status.lower() for kpi in kpis if kpi.status)
    said = listed(f"{count_words(many, word, word)}" for word, many in counted.items())
    return shortened(f"{prefix}: {said}" if prefix and said else prefix or said, LONGEST_TITLE)


def numbered(title: str, place: int, of: int) -> str:
    return f"{title} ({place} of {of})" if of > 1 else title


def joined(texts: Iterable[str]) -> str:
    return " ".join(text for text in texts if text)
