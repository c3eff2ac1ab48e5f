"""Mail backends for runs in processes of their own."""

import os
import time

from django.core.mail.backends.filebased import EmailBackend


class SlowBackend(EmailBackend):
    """Slow enough for two runs to meet."""

    def send_messages(self, messages):
        time.sleep(0.1)
        return super().send_messages(messages)


class KilledAtTheThirdBackend(EmailBackend):
    """The process is gone after the third letter was claimed and before it is written; nothing is cleaned up."""

    seen = 0

    def send_messages(self, messages):
        self.seen += 1
        if self.seen == 3:
            os._exit(9)
        return super().send_messages(messages)
