"""What `ridecode bundle` shows: records for programs, tables for people."""

from typing import TYPE_CHECKING, Any

from ridecode.cli.output import facts, table
from ridecode.core import MICROS, to_iso

if TYPE_CHECKING:
    from rich.console import Group
    from rich.table import Table

    from ridecode.bundle import Proposal, Repository
    from ridecode.city import Pack
    from ridecode.validator import Trust, Update

Record = dict[str, Any]


def moment(ts: int) -> str:
    """A moment as people write it."""
    return to_iso(ts)


def founded(record: Record) -> "Table":
    return facts("✓ 已建立 · founded", {
        "城市 city": record["city"], "版本 version": record["version"],
        "发布目录 published": record["published"],
        "终端初装根 root for readers": record["root"],
    })  # fmt: skip


def published(record: Record) -> "Table":
    return facts("✓ 已发布 · published", dict(record))


def proposal_record(repository: "Repository", proposal: "Proposal") -> Record:
    """What a proposal changes, what it would have done, and who signed."""
    from msgspec import to_builtins

    from ridecode.bundle import BOTH, changed, signed_by

    signed = signed_by(repository, proposal)
    return {
        "active_from": moment(proposal.new.active_from),
        "changes": to_builtins(changed(repository, proposal)),
        "foreseen": to_builtins(proposal.foreseen),
        "signed": [holder.value for holder in signed],
        "missing": [holder.value for holder in BOTH if holder not in signed],
    }


def proposed(pack: "Pack", record: Record) -> "Group":
    from rich.console import Group

    parts: list[Table | Group] = [
        facts("提案 · proposal", {
            "生效 active from": record["active_from"],
            "已签 signed": " ".join(record["signed"]) or "–",
            "未签 missing": " ".join(record["missing"]) or "–",
        }),
        table("改动 · changes", ["where", "before", "after"],
              [list(change.values()) for change in record["changes"]]),
    ]  # fmt: skip
    told = record["foreseen"]
    if told["fares"]:
        parts.append(_fares(pack, told["fares"]))
    if told["readings"]:
        parts.append(_readings(told["readings"]))
    return Group(*parts)


def _readings(told: Record) -> "Group":
    """A line for every verdict that would have been another, beneath how many would have passed."""
    from rich.console import Group

    share = f" (1 in {told['one_in']})" if told["one_in"] > 1 else ""
    parts = [
        facts(_span(told), {
            "通道 lanes": f"{told['lanes']:,}{share}", "读码 readings": told["readings"],
            "原已通过 passed": told["passed_before"],
            "将会通过 would have passed": told["passed_after"],
        }),
    ]  # fmt: skip
    if told["otherwise"]:
        columns = ["product", "before", "after", "readings"]
        rows = [[one[name] for name in columns] for one in told["otherwise"]]
        parts.append(table("", columns, rows))
    return Group(*parts)


def _span(told: Record) -> str:
    """Which days were asked, to the minute."""
    minute = 60 * MICROS
    since, until = (moment(told[key] // minute * minute) for key in ("since", "until"))
    return f"若当时已生效 · had it been in force, {since} to {until}"


def _fares(pack: "Pack", foreseen: Record) -> "Table":
    from ridecode.fares import Money

    currency = pack.currency
    say = Money(currency.code, currency.minor_digits, currency.symbol).say
    total = {**foreseen, "product": "Σ", "dearer": "", "cheaper": ""}
    return table(
        _span(foreseen),
        ["product", "rides", "dearer", "cheaper", "before", "after"],
        [
            [*(one[key] for key in ("product", "rides", "dearer", "cheaper")),
             say(one["before"]), say(one["after"])]
            for one in (*foreseen["products"], total)
        ],
    )  # fmt: skip


def publication_record(repository: "Repository", now: int) -> Record:
    """What is published, and until when each part of it is to be believed."""
    from msgspec import convert

    from ridecode.bundle import holder_of
    from ridecode.validator import DENY_FULL, VOUCHED, DenyHead

    root, targets = repository.root().signed, repository.targets().signed
    deny, snapshot = repository.deny().signed, repository.snapshot().signed
    timestamp = repository.timestamp().signed
    full = deny.targets[DENY_FULL]
    head = convert(full.custom, DenyHead)
    assert targets.delegations is not None
    file = repository.bundle()
    keys = [*root.keys.values(), *targets.delegations.keys.values()]
    signed = {"root": root, "targets": targets, "deny": deny, "snapshot": snapshot,
              "timestamp": timestamp}  # fmt: skip
    return {
        "version": snapshot.version,
        "vouched": moment(timestamp.unrecognized_fields[VOUCHED]),
        "deny": {"version": head.version, "full": head.full, "full_bytes": full.length,
                 "since": list(head.since)},
        "terms": [
            {"active_from": moment(terms.active_from), "in_force": terms is file.at(now),
             "roots": len(terms.roots), "tariff": terms.tariff}
            for terms in file.terms
        ],
        "signed": [
            {"role": role, "version": one.version, "good_until": f"{one.expires.isoformat()}",
             "days_left": (int(one.expires.timestamp()) - now // MICROS) // 86_400}
            for role, one in signed.items()
        ],
        "keys": {holder_of(key).value: key.keyid for key in keys},
    }  # fmt: skip


def publication(record: Record) -> "Group":
    from rich.console import Group

    deny = record["deny"]
    return Group(
        facts("发布 · publication", {
            "版本 version": record["version"],
            "最近确认 vouched": record["vouched"],
            "停用名单 deny list": f"{deny['version']}, full {deny['full']}, "
                                f"{deny['full_bytes']:,} B, since {deny['since']}",
        }),
        *(table(title, list(record[key][0]), [list(row.values()) for row in record[key]])
          for title, key in (("条款 · terms", "terms"), ("签名 · signed", "signed"))),
        facts("密钥 · keys", record["keys"]),
    )  # fmt: skip


def reader_record(trust: "Trust", update: "Update", now: int) -> Record:
    """What came of an update, and how the reader stands."""
    bundle = trust.bundle(now)
    return {
        "outcome": update.outcome.name,
        "found": update.found,
        "version": trust.version,
        "freshness": trust.freshness(now).name,
        "vouched": None if bundle is None else moment(bundle.made),
        "denied": None if bundle is None else len(bundle.denied),
    }


def reader(record: Record) -> "Table":
    return facts("终端 · reader", {key: value if value not in (None, "") else "–"
                                 for key, value in record.items()})  # fmt: skip
