"""What a log line must not hold: the secret part of an address that opens without a sign-in."""

import logging
import re

SECRET = re.compile(r"/(updates|feeds)/[\w-]{30,}")


def without_secrets(text: str) -> str:
    return SECRET.sub(r"/\1/…", text)


class DiscreetFilter(logging.Filter):
    """Puts … in place of the secret, in the message and in what is filled into it."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = without_secrets(record.getMessage())
        record.args = ()
        return True
