"""The command line: `ridecode`.

In: options, files and a data folder. Out: tables for people, `--json` for programs, documented
exit codes, errors with a remedy. Never: a rule of the business; it calls the rooms and prints.
"""

from ridecode.cli.app import main

__all__ = ["main"]
