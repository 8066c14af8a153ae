"""One line of a card company's file to one tap, or to the reason why not. Pure."""

import csv
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import lru_cache

from msgspec import Struct

from ridecode.city import Pack
from ridecode.core import MICROS, Tap, TapSource, chain, derived_id
from ridecode.taps.facts import Charged, UnknownNames
from ridecode.taps.format import Format, RowType
from ridecode.taps.lines import Line
from ridecode.taps.recording import Told
from ridecode.taps.rejects import RejectReason

_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
"""All but the tab, which some companies set after long numbers to keep spreadsheets off them."""
_SECONDS = re.compile(":[0-5][0-9]")
_EPOCH = datetime(1970, 1, 1)
_MICROSECOND = timedelta(microseconds=1)
_AMOUNT_DIGITS = 9
_REMEMBERED = 65_536
"""Names and moments repeat from row to row; so many of each are remembered."""


class Row(Struct, frozen=True, gc=False, kw_only=True):
    """What a line says, in its own names."""

    type: RowType
    account: str
    device: str
    ts: int
    charged: Charged | None
    stop: str
    line: str
    operator: str
    vehicle: str


class DeviceStops:
    """Which stop the leading characters of a device's number stand for, as the file itself tells.

    Where two taps of one prefix name different stops, the prefix names none.
    """

    def __init__(self, digits: int) -> None:
        self._digits = digits
        self._names: dict[str, str] = {}
        """By prefix; empty where it is ambiguous."""

    def hear(self, device: str, stop: str) -> None:
        """A tap of this device names its stop: an id, or a name that the pack does not know."""
        if self._digits:
            known = self._names.setdefault(device[: self._digits], stop)
            if known != stop:
                self._names[device[: self._digits]] = ""

    def name(self, device: str) -> str:
        """The stop of a device, or nothing."""
        return self._names.get(device[: self._digits], "")

    @property
    def ambiguous(self) -> int:
        """How many prefixes stand for more than one stop."""
        return sum(not name for name in self._names.values())


class RowReader:
    """Reads the lines of one format with the names of one city."""

    def __init__(self, form: Format, pack: Pack) -> None:
        self._form = form
        self._city = pack.id
        at = {column: index for index, column in enumerate(form.columns)}
        self._at = at
        self._account, self._device = at[form.account], at[form.device]
        self._time, self._type = at[form.time], at[form.type]
        self._full_fare, self._paid = at[form.full_fare], at[form.paid]
        self._mark = at[form.transfer.column]
        self._moment = _moment_reader(form)
        self._resolve_line = pack.resolve_line
        self._operator_of = {line.id: line.operator for line in pack.lines.values()}
        self._operators = {
            name: operator.id
            for operator in pack.operators.values()
            for name in (operator.id, operator.name.zh, operator.name.en)
        }
        self.resolve_stop = lru_cache(_REMEMBERED)(self._stop_resolver(pack))

    def _stop_resolver(self, pack: Pack) -> Callable[[str], str | None]:
        suffix = self._form.stop_suffix

        def resolve(name: str) -> str | None:
            found = pack.resolve_stop(name)
            if found is None and suffix and name.endswith(suffix):
                found = pack.resolve_stop(name.removesuffix(suffix))
            return found

        return resolve

    @property
    def encoding(self) -> str:
        return self._form.encoding

    def read(self, line: Line) -> Row | RejectReason:
        """What a line says, or why it cannot be read."""
        if not line.whole:
            return RejectReason.TOO_LONG
        fields = self.fields(line.text)
        return fields if isinstance(fields, RejectReason) else self.row(fields)

    def fields(self, line: bytes) -> list[str] | RejectReason:
        """The fields of a line, which comes without its line end."""
        try:
            text = line.decode(self._form.encoding)
        except UnicodeDecodeError:
            return RejectReason.NOT_IN_ENCODING
        if _CONTROL.search(text):
            return RejectReason.CONTROL_CHARACTER
        if '"' not in text:
            return [field.strip() for field in text.split(",")]
        try:
            return [field.strip() for field in next(csv.reader([text], strict=True))]
        except csv.Error:
            return RejectReason.QUOTES

    def row(self, fields: list[str]) -> Row | RejectReason:
        """What the fields say, or the first thing that is wrong with them."""
        form = self._form
        if len(fields) != len(form.columns):
            return RejectReason.COLUMN_COUNT
        type_ = form.types.get(fields[self._type])
        if type_ is None:
            return RejectReason.TYPE_UNKNOWN
        account, device = fields[self._account], fields[self._device]
        if not form.account_pattern.fullmatch(account):
            return RejectReason.ACCOUNT_MALFORMED
        if not form.device_pattern.fullmatch(device):
            return RejectReason.DEVICE_MALFORMED
        ts = self._moment(fields[self._time])
        if ts is None:
            return RejectReason.TIME_MALFORMED
        charged = self._charged(type_, fields)
        if isinstance(charged, RejectReason):
            return charged
        return Row(
            type=type_, account=account, device=device, ts=ts, charged=charged,
            stop=self._told(fields, type_.stop), line=self._told(fields, type_.line),
            operator=self._told(fields, type_.operator), vehicle=self._told(fields, type_.vehicle),
        )  # fmt: skip

    def _charged(self, type_: RowType, fields: list[str]) -> Charged | RejectReason | None:
        full_fare, paid = fields[self._full_fare], fields[self._paid]
        if not (_is_amount(full_fare) and _is_amount(paid)):
            return RejectReason.AMOUNT_MALFORMED
        mark = fields[self._mark]
        if mark not in (self._form.transfer.yes, self._form.transfer.no):
            return RejectReason.MARK_UNKNOWN
        charged = Charged(int(full_fare), int(paid), mark == self._form.transfer.yes)
        if type_.charged:
            return charged
        return RejectReason.AMOUNT_UNEXPECTED if charged.full_fare or charged.paid else None

    def _told(self, fields: list[str], column: str) -> str:
        """A field, empty where it says "not known" or the rows have no such column."""
        if not column:
            return ""
        told = fields[self._at[column]]
        return "" if told == self._form.absent else told

    def stop_named(self, row: Row) -> str:
        """The stop that a row names: its id, or the name itself where the pack does not know it."""
        return (self.resolve_stop(row.stop) or row.stop) if row.stop else ""

    def told(self, row: Row, stops: DeviceStops) -> Told:
        """The tap of a row. Its id is derived from card, device, time and kind, so that the same
        row gives the same tap wherever it stands, and the same tap with other money is seen."""
        stop, unknown_stop = self._stop(row, stops)
        line = self._resolve_line(row.line) or "" if row.line else ""
        operator = self._operators.get(row.operator, "") or self._operator_of.get(line, "")
        unknown_line = "" if line else row.line
        unknown_operator = "" if row.operator in self._operators else row.operator
        fact = f"{self._form.name}\n{row.account}\n{row.device}\n{row.ts}\n{row.type.kind.value}"
        made = Tap(
            tap_id=derived_id(row.ts, fact.encode()), city=self._city, account=row.account,
            account_type=0, ts=row.ts, kind=row.type.kind, mode=row.type.mode,
            product=row.type.product, operator=operator, line=line, stop=stop,
            validator=row.device, vehicle=row.vehicle, source=TapSource.IMPORT,
        )  # fmt: skip
        unknown = None
        if unknown_stop or unknown_line or unknown_operator:
            unknown = UnknownNames(unknown_stop, unknown_line, unknown_operator)
        return Told(made, row.charged, unknown)

    def _stop(self, row: Row, stops: DeviceStops) -> tuple[str, str]:
        """The id of the row's stop, or the name that is not known."""
        if not row.type.stop:
            return "", ""
        named = row.stop or stops.name(row.device)
        found = self.resolve_stop(named) if named else ""
        return (found, "") if found is not None else ("", named)


def _is_amount(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _AMOUNT_DIGITS


def _moment_reader(form: Format) -> Callable[[str], int | None]:
    """UTC epoch microseconds of a local time; None for what is no time, or outside 1970 to 9998.

    strptime takes 7 µs. Where a time ends in ":SS", it is asked once a minute.
    """

    @lru_cache(_REMEMBERED)
    def read(text: str) -> int | None:
        try:
            local = datetime.strptime(text, form.time_format)
        except ValueError:
            return None
        ts = (local - _EPOCH) // _MICROSECOND - form.utc_offset_s * MICROS
        return ts if 0 <= ts < chain.TS_END else None

    def read_by_minute(text: str) -> int | None:
        if not _SECONDS.fullmatch(text, max(len(text) - 3, 0)):
            return read(text)
        minute = read(text[:-2] + "00")
        return None if minute is None else minute + int(text[-2:]) * MICROS

    return read_by_minute if form.time_format.endswith(":%S") else read
