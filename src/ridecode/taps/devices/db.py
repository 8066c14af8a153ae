"""The SQL of devices: their rows, chains, gaps, heartbeats and alarms."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from msgspec import convert, json, to_builtins
from psycopg.types.json import Jsonb

from ridecode.core import device as said
from ridecode.store import Connection
from ridecode.taps.devices.facts import Alarm, AlarmKind, Chain, Device, Gap, Stand

_DEVICE = "device, public_key, operator, place, enrolled_at, revoked_at, reason"


def _device(row: Sequence[Any]) -> Device:
    return Device(
        device=row[0], public_key=row[1], operator=row[2], stand=convert(row[3], Stand),
        enrolled_at=row[4], revoked_at=row[5], reason=row[6],
    )  # fmt: skip


def device(conn: Connection, name: str) -> Device | None:
    found = conn.execute(f"SELECT {_DEVICE} FROM devices WHERE device = %s", (name,))
    row = found.fetchone()
    return None if row is None else _device(row)


def devices(conn: Connection) -> list[Device]:
    return list(map(_device, conn.execute(f"SELECT {_DEVICE} FROM devices ORDER BY device")))


def enrol(conn: Connection, device: Device) -> None:
    """Write or overwrite the row of a device."""
    conn.execute(
        f"""INSERT INTO devices ({_DEVICE}) VALUES (%s, %s, %s, %s, %s, NULL, '')
            ON CONFLICT (device) DO UPDATE SET
                public_key = excluded.public_key, operator = excluded.operator,
                place = excluded.place, enrolled_at = excluded.enrolled_at,
                revoked_at = NULL, reason = ''""",
        (
            device.device, device.public_key, device.operator, Jsonb(to_builtins(device.stand)),
            device.enrolled_at,
        ),
    )  # fmt: skip


def begin_anew(conn: Connection, name: str) -> None:
    """Forget what a device has told so far: its next reading is its first."""
    for table in ("device_chains", "device_gaps", "device_heartbeats"):
        conn.execute(f"DELETE FROM {table} WHERE device = %s", (name,))


def revoke(conn: Connection, name: str, reason: str, at: int) -> bool:
    """The first revocation counts; whether there is such a device."""
    found = conn.execute(
        """UPDATE devices SET revoked_at = coalesce(revoked_at, %s),
               reason = CASE WHEN revoked_at IS NULL THEN %s ELSE reason END
           WHERE device = %s""",
        (at, reason, name),
    )
    return found.rowcount == 1


def locked(conn: Connection, names: Sequence[str]) -> dict[str, Device]:
    """The devices, in one order of locks: who holds a device's row moves its chain alone."""
    found = conn.cursor(binary=True).execute(
        f"SELECT {_DEVICE} FROM devices WHERE device = ANY(%s) ORDER BY device FOR NO KEY UPDATE",
        (sorted(names),),
    )
    return {row[0]: _device(row) for row in found}


def chains(conn: Connection, names: Sequence[str]) -> dict[str, Chain]:
    found = conn.cursor(binary=True).execute(
        "SELECT device, seq, head, ts, opened, forked FROM device_chains WHERE device = ANY(%s)",
        (list(names),),
    )
    return {row[0]: Chain(*row[1:]) for row in found}


def gaps(conn: Connection, names: Sequence[str]) -> dict[str, tuple[Gap, ...]]:
    found = conn.cursor(binary=True).execute(
        """SELECT device, first, last, before, after FROM device_gaps
           WHERE device = ANY(%s) ORDER BY device, first""",
        (list(names),),
    )
    by_device: dict[str, tuple[Gap, ...]] = {}
    for row in found:
        by_device[row[0]] = (*by_device.get(row[0], ()), Gap(*row[1:]))
    return by_device


def put_chains(conn: Connection, moved: Mapping[str, Chain]) -> None:
    conn.execute(
        """INSERT INTO device_chains (device, seq, head, ts, opened, forked)
           SELECT * FROM unnest(%s::text[], %s::bigint[], %s::bytea[], %s::bigint[], %s::bigint[],
                                %s::boolean[])
           ON CONFLICT (device) DO UPDATE SET seq = excluded.seq, head = excluded.head,
               ts = excluded.ts, opened = excluded.opened, forked = excluded.forked""",
        (
            list(moved), [one.seq for one in moved.values()], [one.head for one in moved.values()],
            [one.ts for one in moved.values()], [one.opened for one in moved.values()],
            [one.forked for one in moved.values()],
        ),
    )  # fmt: skip


def put_gaps(conn: Connection, name: str, left: Iterable[Gap]) -> None:
    """The gaps of a device from now on."""
    conn.execute("DELETE FROM device_gaps WHERE device = %s", (name,))
    for gap in left:
        conn.execute(
            "INSERT INTO device_gaps (device, first, last, before, after)"
            " VALUES (%s, %s, %s, %s, %s)",
            (name, gap.first, gap.last, gap.before, gap.after),
        )


_HEARTBEAT = "device, ts, seq, head, opened, acknowledged, bundle, clock_set"


def heartbeats(conn: Connection, names: Sequence[str]) -> dict[str, tuple[said.Heartbeat, int]]:
    """The latest of each device, and when it came."""
    found = conn.cursor(binary=True).execute(
        f"SELECT {_HEARTBEAT}, at FROM device_heartbeats WHERE device = ANY(%s)", (list(names),)
    )
    return {row[0]: (_heartbeat(row), row[8]) for row in found}


def all_heartbeats(conn: Connection) -> list[tuple[said.Heartbeat, int]]:
    found = conn.execute(f"SELECT {_HEARTBEAT}, at FROM device_heartbeats ORDER BY device")
    return [(_heartbeat(row), row[8]) for row in found]


def _heartbeat(row: Sequence[Any]) -> said.Heartbeat:
    return said.Heartbeat(
        device=row[0], ts=row[1], seq=row[2], head=row[3], opened=row[4], acknowledged=row[5],
        bundle=row[6], clock_set=row[7],
    )  # fmt: skip


def put_heartbeat(conn: Connection, told: said.Heartbeat, at: int) -> None:
    conn.execute(
        f"""INSERT INTO device_heartbeats ({_HEARTBEAT}, at)
            VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)
            ON CONFLICT (device) DO UPDATE SET ts = excluded.ts, seq = excluded.seq,
                head = excluded.head, opened = excluded.opened,
                acknowledged = excluded.acknowledged, bundle = excluded.bundle,
                clock_set = excluded.clock_set, at = excluded.at""",
        (
            told.device, told.ts, told.seq, told.head, told.opened, told.acknowledged, told.bundle,
            told.clock_set, at,
        ),
    )  # fmt: skip


def add_alarms(conn: Connection, raised: Sequence[Alarm]) -> None:
    """Each kind once with the same detail."""
    for alarm in raised:
        conn.execute(
            """INSERT INTO device_alarms (device, kind, at, detail) VALUES (%s, %s, %s, %s)
               ON CONFLICT (device, kind, detail) DO NOTHING""",
            (
                alarm.device,
                alarm.kind,
                alarm.at,
                json.encode(alarm.detail, order="sorted").decode(),
            ),
        )


def alarms(conn: Connection, since: int, most: int, operator: str) -> list[Alarm]:
    """The newest first; of one operator's devices, or of all where none is named."""
    found = conn.execute(
        """SELECT device, kind, at, detail FROM device_alarms
           WHERE at >= %(since)s AND (%(operator)s = '' OR device IN (
               SELECT device FROM devices WHERE operator = %(operator)s))
           ORDER BY at DESC, alarm_id DESC LIMIT %(most)s""",
        {"since": since, "most": most, "operator": operator},
    )
    return [Alarm(row[0], AlarmKind(row[1]), row[2], row[3]) for row in found]
