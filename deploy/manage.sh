#!/bin/sh
# send-tracker COMMAND …          runs a command of manage.py as the SEND tracker's own user, with its settings
# send-tracker --owner COMMAND …  the same with the database's owner, for what changes its tables: migrate, restore, grant_privileges
set -eu
set -a
. /etc/send-tracker/web.env
if [ "${1:-}" = --owner ]; then
    shift
    . /etc/send-tracker/owner.env
fi
set +a
cd /opt/send-tracker/current
umask 077
exec runuser -u send-tracker -- .venv/bin/python manage.py "$@"
