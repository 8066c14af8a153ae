"""The store: each city's PostgreSQL database, its schema, and the vault of private keys.

In: a data folder and a city's id; sets of rows; batches for the log; secrets by name. Out: a
`Cell` with sessions on a server that runs as long as somebody needs it; for each row whether it
was new; the log from any offset on; the secrets; all of it in one file, and back.
Never: a rule of the business, a table's meaning, or a secret in clear on the disk beside its
vault's passphrase.
"""

from ridecode.store import log
from ridecode.store.ahead import ahead, side_by_side
from ridecode.store.alone import alone, wait_for_workers, works_for
from ridecode.store.cell import Cell, Connection, open_cell
from ridecode.store.clock import Clock
from ridecode.store.copied import copy_new, copy_rows, encode_rows
from ridecode.store.restoring import restore
from ridecode.store.saving import Saved, backup
from ridecode.store.sets import Column, as_array, insert_new
from ridecode.store.spent import Lap, Laps, memory_mib, process_cpu_s, server_cpu_s
from ridecode.store.status import SchemaStatus, ServerStatus, schema_status, server_status
from ridecode.store.vault import Vault, VaultStatus
from ridecode.store.whole import whole_file
from ridecode.store.workers import end_with_input, end_with_parent

__all__ = [
    "Cell",
    "Clock",
    "Column",
    "Connection",
    "Lap",
    "Laps",
    "Saved",
    "SchemaStatus",
    "ServerStatus",
    "Vault",
    "VaultStatus",
    "ahead",
    "alone",
    "as_array",
    "backup",
    "copy_new",
    "copy_rows",
    "encode_rows",
    "end_with_input",
    "end_with_parent",
    "insert_new",
    "log",
    "memory_mib",
    "open_cell",
    "process_cpu_s",
    "restore",
    "schema_status",
    "server_cpu_s",
    "server_status",
    "side_by_side",
    "wait_for_workers",
    "whole_file",
    "works_for",
]
