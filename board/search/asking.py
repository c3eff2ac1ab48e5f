"""What somebody asks for: their words as terms, and whether they may mean a reference."""

import re
import unicodedata
from dataclasses import dataclass

MOST_TERMS = 12
TERMS = re.compile(r'"([^"]*)"|(\S+)')
SAYS_SOMETHING = re.compile(r"[^\W_]")
REF = re.compile(r"[^\W_][\w./()&-]{0,19}")
# Words that PostgreSQL's English dictionary leaves out; left out here, so that both databases find the same.
COMMON = frozenset(
    "i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she her hers herself it "
    "its itself they them their theirs themselves what which who whom this that these those am is are was were be been "
    "being have has had having do does did doing a an the and but if or because as until while of at by for with about "
    "against between into through during before after above below to from up down in out on off over under again further "
    "then once here there when where why how all any both each few more most other some such no nor not only own same so "
    "than too very s t can will just don should now".split()
)


@dataclass(frozen=True)
class Asked:
    """`terms` must all be there (or one of them: `any_of`); `ref` is how a reference would begin. `moment` has passed.

    `hidden_plans` are the scopes of plans that the person may not see.
    """

    area: int
    terms: tuple[str, ...]
    ref: str = ""
    any_of: bool = False
    moment: str | None = None
    hidden_plans: tuple[str, ...] = ()

    def scope(self, kind: str) -> str:
        return f"s{self.area}{kind}0"

    @property
    def everywhere(self) -> str:
        """The scope of all kinds of the area."""
        return f"area{self.area}0"

    @property
    def has_several(self) -> bool:
        return len(self.terms) > 1

    @property
    def is_empty(self) -> bool:
        return not (self.terms or self.ref)


def scope_of_plan(plan: int) -> str:
    return f"plan{plan}0"


def terms_of(text: str) -> tuple[str, ...]:
    """Words and "quoted phrases" that hold a letter or digit; words that are everywhere only within a phrase."""
    found = []
    for phrase, word in TERMS.findall(plain(text)):
        term = " ".join((phrase or word).replace('"', " ").split())
        if SAYS_SOMETHING.search(term) and term.strip(".,;:!?()'").lower() not in COMMON:
            found.append(term)
    return tuple(dict.fromkeys(found))


def ref_of(text: str) -> str:
    """4.5, R1 or the initials RB: one word that could be a reference, or begin one."""
    word = plain(text).strip(' "')
    return word.casefold() if REF.fullmatch(word) else ""


def plain(text: str) -> str:
    """Characters that print nothing stand between words, whatever else they might do."""
    composed = unicodedata.normalize("NFC", text)
    return "".join(" " if unicodedata.category(c) in ("Cc", "Cf", "Cs", "Co", "Cn") else c for c in composed)
