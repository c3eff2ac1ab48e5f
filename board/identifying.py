"""Whether words might say who somebody is: addresses are refused, what looks like a name or a telephone number is asked about.

No rule finds every name, so the forms ask people first. These rules catch what slips in: an email address, a title or a
relation before a capitalised word ("Mrs Okoro", "my son Sam"), two capitalised words running.
"""

import re
from collections.abc import Iterable

# Begins where a word does: tried from each letter of a long word, it would cost the square of its length.
EMAIL = re.compile(r"(?<![\w.+'-])[\w.+'-]+@[\w-]+(?:\.[\w-]+)+")
PHONE = re.compile(r"(?<![\w.,])(?:\+44\s?|0)(?:\d[\s-]?){9,10}(?!\d)")
_NAME = r"[A-Z][a-zà-ÿ'’]+(?:-[A-Z][a-zà-ÿ]+)?"
TITLED = re.compile(rf"\b(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Professor|Cllr|Sir)\.?\s+({_NAME}(?:\s{_NAME})?)")
RELATED = re.compile(
    r"\b(?:[Mm]y|[Oo]ur|[Hh]is|[Hh]er|[Tt]heir)\s+(?:son|daughter|child|boy|girl|brother|sister|grandson|granddaughter)"
    rf",?\s+({_NAME})"
)
CALLED = re.compile(rf"\b(?:called|named)\s+({_NAME})")
RUNNING = re.compile(rf"\b({_NAME}(?:\s{_NAME})+)")

# Words that begin with a capital and name no person: days, months, and the vocabulary of SEND.
NOT_NAMES = frozenset(
    """Monday Tuesday Wednesday Thursday Friday Saturday Sunday January February March April May June July August
    September October November December Local Offer Family Families Hub Hubs Hospital School Schools College Academy Nursery
    Council Borough Board Partnership Forum Parent Parents Carer Carers Education Health Care Plan Plans Service Services
    Team Centre Trust Early Years Help Speech Language Therapy Occupational Special Educational Needs Disability Autism
    Child Children Young People Preparing Adulthood Annual Review Reviews Strategy Independent Travel Training Youth
    Clinic Primary Secondary Year Key Stage London England Department Ofsted Street Road North South East West Covid
    Information Advice Support Group Network Voice Charter Code Practice Act The Head Lead Director Officer Inclusion
    Waiting Well Mr Mrs Ms Miss Mx Dr Prof Professor Cllr Sir Designated Clinical Social Worker Portage Christmas Easter""".split()
)


def emails_in(text: str) -> list[str]:
    return EMAIL.findall(text)


def names_in(text: str, *, known: Iterable[str] = ()) -> list[str]:
    """What might be a person's name or number, in the order found; `known` are words of bodies and places that are none."""
    safe = NOT_NAMES | {word for words in known for word in re.findall(r"[\w'’-]+", words)}
    found = [match[1] for rule in (TITLED, RELATED, CALLED) for match in rule.finditer(text)]
    found += [match[1] for match in RUNNING.finditer(text) if not set(match[1].split()) & safe]
    found = [name.strip("'’") for name in found]
    found = [name for name in found if not set(name.split()) <= safe]
    found += [match[0].strip() for match in PHONE.finditer(text)]
    kept: list[str] = []
    for name in sorted(set(found), key=text.find):
        if not any(name in longer for longer in kept):
            kept.append(name)
    return kept


def email_problem(*texts: str) -> str:
    """Why words cannot be kept, as a sentence; empty when they can."""
    found = [address for text in texts for address in emails_in(text)]
    return f"Take out the email address {found[0]}: nobody is named here." if found else ""


def name_question(*texts: str, known: Iterable[str] = ()) -> str:
    """What is asked of words that may name somebody; empty when nothing is."""
    known = list(known)
    found = [name for text in texts for name in names_in(text, known=known)]
    if not found:
        return ""
    listed = ", ".join(f"“{name}”" for name in dict.fromkeys(found))
    return f"This may say who somebody is: {listed}. Take it out, or tick below that it names no person."
