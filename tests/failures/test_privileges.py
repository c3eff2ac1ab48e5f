"""What takes old entries of the audit log away, under the real roles of an installation: only their owner may."""

from tests.failures.installed import ENDED_SESSION, LONG_AGO
from tests.failures.killed import Loaded
from tests.replicas.servers import OWNER, PAGES

RETAIN = ("command", "retain")


def test_the_role_of_the_pages_takes_no_entry_of_the_audit_log_away_and_their_owner_does(installed):
    server = installed.server

    def held() -> tuple[str, str]:
        return (
            server.sql(f"SELECT count(*) FROM people_auditentry WHERE at < '{LONG_AGO:%Y-%m-%d}'"),
            server.sql(f"SELECT count(*) FROM django_session WHERE session_key = '{ENDED_SESSION}'"),
        )

    assert held() == ("1", "1")
    with Loaded(server.url_of(PAGES)) as pages:
        refused = pages.do(*RETAIN, "--audit")
        assert refused.code == 1
        assert "The database does not let this role remove entries of the audit log" in refused.said
        assert "naming the owner of the tables. Nothing was taken away." in refused.said
        assert held() == ("1", "1")

        nightly = pages.do(*RETAIN)
        assert nightly.code == 0, nightly.said
        assert "Past their time in the audit log: 1 entry. By --audit they go." in nightly.said
        assert held() == ("1", "0")

    with Loaded(server.url_of(OWNER)) as owner:
        done = owner.do(*RETAIN, "--audit")
    assert done.code == 0, done.said
    assert held() == ("0", "0")
