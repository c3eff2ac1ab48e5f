"""The backend that `ENGINE` names. Its `OPTIONS` hold, beside libpq's words, `statement_timeout`: milliseconds, 0 for no bound."""

from math import inf

from django.db.backends.postgresql import base

from send_tracker.postgresql import waiting

GRACE_SECONDS = 5  # for the server to say first that it gave a statement up


class DatabaseWrapper(base.DatabaseWrapper):
    @property
    def connect_seconds(self) -> float:
        return self.settings_dict["OPTIONS"].get("connect_timeout") or inf

    @property
    def statement_timeout(self) -> int:
        return self.settings_dict["OPTIONS"].get("statement_timeout", 0)

    def get_connection_params(self):
        params = super().get_connection_params()
        params.pop("statement_timeout", None)
        return {**params, "connection_factory": waiting.Connection}

    def connect(self):
        """libpq minds its `connect_timeout` only where it waits by itself."""
        with waiting.within(self.connect_seconds):
            super().connect()

    def get_new_connection(self, conn_params):
        made = super().get_new_connection(conn_params)
        if self.statement_timeout:
            made.seconds = self.statement_timeout / 1000 + GRACE_SECONDS
        return made

    def init_connection_state(self):
        super().init_connection_state()
        if waiting.is_on():
            with self.connection.cursor() as cursor:
                cursor.execute("SET statement_timeout = %s", [self.statement_timeout])

    def is_usable(self):
        """Asked before a connection is used again: as little a question as connecting, and it gets no longer."""
        with waiting.within(self.connect_seconds):
            return super().is_usable()
