"""What `ridecode access` shows to people, and its records for programs."""

from typing import TYPE_CHECKING

from ridecode.cli.output import facts, table
from ridecode.core import to_iso

if TYPE_CHECKING:
    from rich.table import Table

    from ridecode.access import Found, Grant, Link, Person
    from ridecode.city import Pack


def grant(one: "Grant") -> dict[str, str]:
    """As a record."""
    return {"role": one.role.name.lower(), "scope": one.scope}


def people(found: "list[Person]") -> "Table":
    """Everybody, a line each."""
    rows: list[list[object]] = [
        [
            one.name,
            ", ".join(f"{grant.role.name.lower()} {grant.scope}".strip() for grant in one.grants),
            "密码 password" if one.has_password else "令牌 tokens",
            "在用 in use" if one.disabled_at is None else "停用 disabled",
        ]
        for one in found
    ]
    columns = ["名称 name", "角色 roles", "凭据 comes in by", "状态 state"]
    return table(f"{len(rows):,} 人员 · people and machines", columns, rows)


def entry(one: "Link") -> dict[str, object]:
    """As a record."""
    told = one.entry
    return {
        "n": one.n, "at": told.at, "who": told.who, "role": told.role and told.role.name.lower(),
        "right": told.right and told.right.name.lower(), "act": told.act,
        "about": told.about.name.lower(), "subject": told.subject,
        "purpose": told.purpose and told.purpose.name.lower(), "reason": told.reason,
        "outcome": told.outcome.name.lower(), "link": one.link.hex(),
    }  # fmt: skip


def log(pack: "Pack", found: "list[Link]") -> "Table":
    """Entries, a line each, in the city's time."""
    offset_s = pack.calendar.utc_offset_s
    rows: list[list[object]] = [
        [
            str(one.n), to_iso(one.entry.at, offset_s), one.entry.who, one.entry.act,
            one.entry.subject, one.entry.purpose.name.lower() if one.entry.purpose else "",
            one.entry.reason, one.entry.outcome.words.zh,
        ]
        for one in found
    ]  # fmt: skip
    columns = ["", "时间 at", "谁 who", "做了 did", "对象 of", "用途 purpose", "理由 reason", ""]
    return table(f"{len(rows):,} 条 · entries", columns, rows)


def verified(found: "Found") -> "Table":
    """What came of a check, with the head to note."""
    sound = found.fault is None
    told: dict[str, object] = {
        "": "✓ 完好 · sound" if sound else "✗ 被改动 · not sound",
        "条 entries": found.head.n,
        "头 head": f"{found.head.n}:{found.head.link.hex()}",
    }
    if found.fault is not None:
        told["错 fault"] = f"{found.fault.name} {found.at}"
    return facts("日志 · access log", told)
