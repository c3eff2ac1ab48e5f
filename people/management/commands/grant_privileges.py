"""What the role that serves the pages may do in a PostgreSQL database: everything but to edit or delete the audit log."""

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction

from people.models import AuditEntry

STATEMENTS = [
    "GRANT USAGE ON SCHEMA public TO {role}",
    "GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}",
    "GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}",
    "REVOKE UPDATE, DELETE, TRUNCATE ON {log} FROM {role}",
    "REVOKE INSERT, UPDATE, DELETE ON {migrations} FROM {role}",
]


class Command(BaseCommand):
    help = "Run by the owner of the tables after each migration: lets the role of the pages read and write, and add to the audit log."

    def add_arguments(self, parser):
        parser.add_argument("role", help="the role of PostgreSQL that gunicorn signs in as")

    @transaction.atomic
    def handle(self, *, role, **options):
        if connection.vendor != "postgresql":
            raise CommandError("Only PostgreSQL has privileges: an SQLite file is kept by the modes of its folder.")
        with connection.cursor() as cursor:
            cursor.execute("SELECT rolsuper, rolname = current_user FROM pg_roles WHERE rolname = %s", [role])
            found = cursor.fetchone()
            if found is None:
                raise CommandError(
                    f"There is no role {role}. As the administrator of PostgreSQL: CREATE ROLE {role} LOGIN;"
                )
            if any(found):
                raise CommandError(f"{role} may do anything here. Give the pages a role that owns nothing.")
            names = {"role": role, "log": AuditEntry._meta.db_table, "migrations": "django_migrations"}
            quoted = {name: connection.ops.quote_name(value) for name, value in names.items()}
            for statement in STATEMENTS:
                cursor.execute(statement.format(**quoted))
        self.stdout.write(f"{role} reads and writes, and adds to the audit log.")
