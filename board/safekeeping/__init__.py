"""What an installation holds, kept safe: backups and their way back, how long things are kept, and what is held of one person.

`tables` says which tables are kept and how a value is written down, `archive` reads an archive without trusting it, `packing`
and `making` write one, `restoring` brings it into an empty installation. `retention` carries out what `docs/safekeeping.md`
promises; `one_person` finds everything that is held about somebody.
"""
