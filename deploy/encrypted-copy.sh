#!/bin/sh
# Encrypts the newest backup for those whose public keys are listed: this machine cannot read the copy, only they can.
set -eu
umask 077
newest=$(ls /var/lib/send-tracker/backups/send-tracker-*.zip | tail -n 1)
copy=/var/lib/send-tracker/copies/$(basename "$newest").age
age --encrypt --recipients-file /etc/send-tracker/backup-readers.txt --output "$copy.unfinished" "$newest"
sync "$copy.unfinished"
mv "$copy.unfinished" "$copy"
# As many as there are backups.
ls /var/lib/send-tracker/copies/send-tracker-*.age | head -n -30 | xargs -r rm --
