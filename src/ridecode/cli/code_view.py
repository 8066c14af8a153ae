"""How `ridecode code` shows what it did: for people, and as records for programs."""

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ridecode.core import BadInputError, Verdict, to_iso

if TYPE_CHECKING:
    from rich.console import Group, RenderableType
    from rich.table import Table
    from rich.text import Text

    from ridecode.city import Pack
    from ridecode.code import Anatomy, Authority, Root

Record = dict[str, object]
_SYMBOL_COLUMNS = 73
_SHORT = 32
"""Hexadecimal digits of a part that are shown to people; --json has all."""


def authority_record(pack: "Pack", authority: "Authority") -> Record:
    from ridecode.code import Certificate

    return {
        "root": authority.root.raw.hex(),
        "test_root": authority.root.is_test,
        "root_index": authority.root.index,
        "root_expires": _moment(authority.root.expires_s),
        "issuers": [
            {
                "number": issuer.number,
                "name": pack.issuers[issuer.number].name,
                "certificate": issuer.certificate.hex(),
                "expires": _moment(Certificate.parse(issuer.certificate).expires_s),
            }
            for issuer in authority.issuers.values()
        ],
    }


def authority(pack: "Pack", made: "Authority") -> "Group":
    from rich.console import Group

    from ridecode.code import Certificate

    root = made.root
    lines = [
        _title(f"测试根证书 · Test root, index {root.index}, until {_moment(root.expires_s)}"),
        _note("只有演示城市受理它的码 · only cities marked as a demo take its codes"),
        _hex(root.raw.hex()),
    ]
    for issuer in made.issuers.values():
        name = pack.issuers[issuer.number].name
        until = _moment(Certificate.parse(issuer.certificate).expires_s)
        lines += [_title(f"\n{name.zh} · {name.en}, {issuer.number}, until {until}"),
                  _hex(issuer.certificate.hex())]  # fmt: skip
    return Group(*lines, _note("\n下一步 · next: ridecode code issue --phone my-phone"))


def issued(record: Record) -> "Group":
    from rich.console import Group

    phone = record["phone"]
    whose = f" {phone}" if phone else ""
    rows = [
        ("用户公钥", "user key", record["user_key"]),
        ("卡账号", "card account", record["card_account"]),
        ("支付账户号", "payment account", record["payment_account"]),
        ("发码机构", "issuer", record["issuer"]),
        ("发码平台", "platform", record["platform"]),
        ("授权至", "authorised until", record["until"]),
        ("码有效", "a code is good for", f"{record['validity_s']} s"),
    ]
    parts: list[RenderableType] = [_title(f"✓ 已授权 · authorised{whose}"), _pairs(rows)]
    if phone:
        parts.append(_note(f"下一步 · next: ridecode code present --phone {phone}"))
    else:
        parts += [_note("字段 1–15 · fields 1 to 15:"), _hex(str(record["authorisation"]))]
    return Group(*parts)


def presented(code: bytes, record: Record, files: Sequence[Path]) -> "Group | Text":
    """The symbol where a person looks and it fits, the files where they were asked for."""
    import shutil

    from rich.console import Group
    from rich.text import Text

    from ridecode.code import symbol

    if files:
        return Text("\n".join(f"✓ {file}" for file in files))
    if not sys.stdout.isatty():
        return _hex(code.hex())
    if shutil.get_terminal_size().columns < _SYMBOL_COLUMNS:
        shown = _note(f"窗口太窄 · the symbol needs {_SYMBOL_COLUMNS} columns; try --png FILE")
    else:
        shown = Text.from_ansi(symbol.terminal(code))
    rows = [
        ("卡账号", "card account", record["card_account"]),
        ("生成于", "made", record["made"]),
        ("有效至", "good until", record["good_until"]),
    ]
    return Group(shown, _pairs(rows), _hex(code.hex()))


def judged(verdict: Verdict, code: bytes, roots: "Sequence[Root]") -> "Group":
    from rich.console import Group
    from rich.text import Text

    from ridecode.code import RideCode, parse

    colour = "bold green" if verdict.accepted else "bold red"
    mark = "✓" if verdict.accepted else "✗"
    words = verdict.words
    parts: list[RenderableType] = [
        Text.assemble((f"{mark} {verdict.name}", colour), f"  {words.zh} {words.en}")
    ]
    read = parse(code)
    if isinstance(read, RideCode):
        parts.append(_pairs([
            ("发码机构", "issuer", read.issuer),
            ("发码平台", "platform", read.platform),
            ("卡账号", "card account", read.card_account),
            ("账户类型", "account type", read.account_type),
            ("单次上限", "single-trip limit", f"{read.limit_fen} 分 fen"),
            ("授权至", "authorised until", _moment(read.authorised_until_s)),
            ("生成于", "made", _moment(read.made_s)),
            ("有效", "good for", f"{read.validity_s} s"),
        ]))  # fmt: skip
    if verdict is Verdict.ROOT_UNKNOWN and not roots and isinstance(read, RideCode):
        parts.append(_note("没有指定根证书 · no root was named: give --root HEX"))
    return Group(*parts)


def fault(found: "Anatomy", data: bytes) -> str | None:
    """Why these bytes are not well-formed, in one line; None where nothing is wrong with them."""
    from ridecode.code import Certificate, Root, parse

    if found.scanned:
        read = parse(data)
        return f"{read.name}: {read.words.zh}{read.words.en}" if isinstance(read, Verdict) else None
    try:
        (Root if found.kind.name == "ROOT" else Certificate).parse(data)
    except BadInputError as error:
        return error.what
    return None


def anatomy_record(found: "Anatomy", data: bytes, fault: str | None) -> Record:
    return {
        "kind": found.kind.name,
        "platform": found.platform.name,
        "bytes": len(data),
        "fault": fault,
        "parts": [
            {
                "number": part.number,
                "name": part.name,
                "offset": part.offset,
                "length": len(part.raw),
                "hex": part.raw.hex(),
                "value": part.value,
            }
            for part in found.parts
        ],
    }


def opened(found: "Anatomy", data: bytes, fault: str | None) -> "Group":
    from rich.console import Group
    from rich.text import Text

    kind, platform = found.kind.value, found.platform.words
    parts: list[RenderableType] = [_title(f"{kind.zh} · {kind.en}, {len(data)} 字节 bytes")]
    if found.scanned:
        parts.append(_note(f"{platform.zh} · {platform.en}"))
    parts.append(Text(f"✗ {fault}", style="red") if fault else Text("✓ 格式正确 · well-formed"))
    if found.parts:
        parts.append(_parts(found))
    return Group(*parts)


def _parts(found: "Anatomy") -> "Table":
    from rich.table import Table

    table = Table(box=None, pad_edge=False, header_style="dim")
    table.add_column("号", no_wrap=True)
    table.add_column("起", justify="right", style="dim", no_wrap=True)
    table.add_column("长", justify="right", style="dim", no_wrap=True)
    table.add_column("名称 name", overflow="fold")
    table.add_column("内容 content", overflow="fold")
    for part in found.parts:
        value = part.value if len(part.value) <= _SHORT else f"{part.value[:_SHORT]}…"
        table.add_row(part.number, str(part.offset), str(len(part.raw)),
                      f"{part.name.zh} {part.name.en}", value)  # fmt: skip
    return table


def _pairs(rows: Sequence[tuple[str, str, object]]) -> "Table":
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for zh, en, value in rows:
        table.add_row(f"{zh} {en}", str(value))
    return table


def _title(text: str) -> "Text":
    from rich.text import Text

    return Text(text, style="bold")


def _note(text: str) -> "Text":
    from rich.text import Text

    return Text(text, style="dim")


def _hex(text: str) -> "Text":
    """In one piece, so that it can be copied: the terminal itself breaks the line."""
    from rich.text import Text

    return Text(text, no_wrap=True, overflow="ignore")


def _moment(seconds: int) -> str:
    return to_iso(seconds * 1_000_000)
