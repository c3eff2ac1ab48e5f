"""Who said a report, and where its evidence may lead: the same words wherever a report is shown."""

from urllib.parse import urlsplit

from workstrands.models import ProgressUpdate


def is_said_through_link(update: ProgressUpdate) -> bool:
    """Nobody else reports on behalf of a lead without having signed in."""
    return update.author_id is None and update.on_behalf_of_id is not None and not update.is_imported


def who_said(update: ProgressUpdate) -> str:
    """Never nobody: a person, for whom, or the document; and what nobody signed in to say."""
    if update.author:
        behalf = update.on_behalf_of
        return f"{update.author}, on behalf of {behalf}" if behalf else str(update.author)
    if is_said_through_link(update):
        return f"{update.on_behalf_of}, through the round’s link, not signed in"
    if update.on_behalf_of:
        return str(update.on_behalf_of)
    return f"Stated in {update.source}" if update.source else "Nobody is named"


def followable(url: str) -> str:
    """Only web addresses are made into links, whatever was stored."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return url if parts.scheme in ("http", "https") and parts.netloc else ""
