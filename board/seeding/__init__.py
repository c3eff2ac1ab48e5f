"""The seed: files that a person can read, review and diff, loaded into the records of every app."""

from board.seeding.loading import seed
from board.seeding.outcome import Outcome, document_lines
from board.seeding.reading import Refused

__all__ = ["Outcome", "Refused", "document_lines", "seed"]
