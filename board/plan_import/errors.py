"""Why a file, or a confirmation of it, is refused."""


class NotAPlan(Exception):
    """The file cannot be read as a plan. The message says why, and what to do."""


class HasChanged(Exception):
    """What confirming would do is no longer what the rehearsal said."""


class NothingToConfirm(Exception):
    """The file is brought in or thrown away already, was never rehearsed, or holds nothing new."""


class HasUnread(Exception):
    """Cells were not understood, and nobody said that the rest may be brought in without them."""
