"""Pressing what leads to another page."""

PATIENCE = 60_000  # milliseconds: six files are made within seconds, but other tests may run beside this one


def follow(thing, *, patience: int = PATIENCE) -> None:
    """Press it and be there: a click alone comes back while the old page, or half of the new one, still stands."""
    with thing.page.expect_navigation(timeout=patience):
        thing.click()
