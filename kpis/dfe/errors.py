"""What can be wrong with a file, and with one row of it."""


class NotThisFormat(Exception):
    """The file is refused whole. The message says what was looked for and what was found."""


class Unreadable(Exception):
    """One row is refused: which column, and why."""

    def __init__(self, column: str, reason: str):
        super().__init__(reason)
        self.column = column
        self.reason = reason
