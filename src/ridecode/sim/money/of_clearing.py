"""Settlement files and their answers, beside the books that they come from and go to."""

from collections import Counter
from collections.abc import Iterator

from ridecode.core import day_name
from ridecode.money import Trace, trace_line
from ridecode.money.clearing import (
    SHARE,
    Again,
    Charge,
    Fare,
    Sent,
    key_id,
    lint,
    public_key,
    read_answer,
    sent_lines,
)
from ridecode.money.ledger import Account, Flow, Kind
from ridecode.sim.money.db import File, Seen
from ridecode.sim.money.truth import Truth

_FARES = {Flow.FARE: 1, Flow.FARE_BACK: -1}
_CHARGES = {
    Flow.CHARGED: 1, Flow.CHARGED_WALLET: 1, Flow.REFUNDED: -1, Flow.REFUNDED_WALLET: -1,
}  # fmt: skip
_SHARES = {
    Flow.EARNED: 1, Flow.EARNED_BACK: -1, Flow.SERVICE_FEE: 1, Flow.SERVICE_FEE_BACK: -1,
    Flow.CLEARING_FEE: 1, Flow.CLEARING_FEE_BACK: -1,
}  # fmt: skip


def files_are_sound(seen: Seen, truth: Truth) -> Iterator[str]:
    """The linter finds nothing in a file, signed by us, behind the file before."""
    key, before = public_key(truth.town.ours), None
    for file in seen.files.values():
        path = truth.folder / "own" / file.name
        found = lint(path, [key], before)
        if found.signed_by != key_id(key):
            yield f"{file.name} is not signed"
        for one in found.findings:
            yield f"{file.name}: {one.fault.name}, line {one.line} {one.field}: {one.found}"
        before = path


def files_are_the_days(seen: Seen, truth: Truth) -> Iterator[str]:
    """The files of a day have each of its fares and charges once, and no other; so their totals are
    what the day moved."""
    for day in seen.closed:
        booked = {
            one.n: one.journal.amount * (_FARES | _CHARGES)[one.journal.flow]
            for one in seen.lines
            if one.journal.day == day and one.journal.flow in _FARES | _CHARGES
        }
        files = [one for one in seen.files.values() if one.day == day]
        told = [
            (line.n, line.amount) for file in files for _, line in _lines(truth, file)
            if not isinstance(line, Again)
        ]  # fmt: skip
        if sorted(told) != sorted(booked.items()):
            wrong = sorted(set(told) ^ set(booked.items()))
            yield f"the files of {day_name(day)} are not the books: lines {wrong or told}"
        totals = sum(one.fares_fen + one.charges_fen for one in files)
        if totals != sum(booked.values()):
            yield f"the files of {day_name(day)} say {totals} fen"


def lines_lead_back(seen: Seen, truth: Truth) -> Iterator[str]:
    """From a line of a day's file the whole way is found, and from there the line again: for some
    lines of the day that was closed last, since each takes some forty queries."""
    for day in list(truth.closed)[-1:]:
        for file in seen.files.values():
            if file.day == day:
                lines = _lines(truth, file)
                for at, line in lines[len(seen.lines) % 5 :: 1 + len(lines) // 6]:
                    moved = line.sent if isinstance(line, Again) else line
                    if not _leads(trace_line(seen.cell, moved.n), moved, file.number, at):
                        yield f"line {at} of {file.name} does not lead back to itself"


def _leads(trace: Trace, moved: Fare | Charge, number: int, at: int) -> bool:
    """Whether a way has the line of the books, there in the file, and what it is of."""
    is_whole = trace.ride is not None if isinstance(moved, Fare) else trace.order is not None
    booked = [*trace.fares, *(trace.order.booked if trace.order else ())]
    return is_whole and any(
        one.line.n == moved.n and (number, at) in {(place.number, place.at) for place in one.places}
        for one in booked
    )


def answers_are_the_companys(seen: Seen, truth: Truth) -> Iterator[str]:
    """Of every answered file that is rejected which the card company itself has rejected."""
    if seen.answered != truth.answers.keys():
        yield f"answers of {seen.answered ^ truth.answers.keys()} are not the card company's"
    for number, path in truth.answers.items():
        own = truth.folder / "own" / seen.files[number].name
        told = {(one.at, one.n) for one in read_answer(path, [truth.town.their_key], own).rejected}
        kept = {(one.at, one.n) for one in seen.rejected if one.number == number}
        if told != kept:
            yield f"of file {number} other lines are rejected: {sorted(told ^ kept)}"


def nothing_is_cleared_twice(seen: Seen, truth: Truth) -> Iterator[str]:
    """A line of the books is cleared once."""
    times = Counter(n for number in sorted(seen.answered) for n, _ in _cleared(seen, truth, number))
    for n, count in times.items():
        if count > 1:
            yield f"the line {n} is cleared {count} times"


def the_card_company_holds_the_rest(seen: Seen, truth: Truth) -> Iterator[str]:
    """What is booked as fares and not cleared lies with the card company."""
    company = truth.pack.card_company.id
    fares = sum(one.journal.amount * _FARES.get(one.journal.flow, 0) for one in seen.lines)
    cleared = sum(
        line.amount for number in seen.answered for _, line in _cleared(seen, truth, number)
        if isinstance(line, Fare)
    )  # fmt: skip
    has = seen.of(Account(Kind.CARD_COMPANY, company))
    if has != fares - cleared:
        yield f"the card company's account says {has} fen, and {fares - cleared} are not cleared"


def shares_add_up(seen: Seen, truth: Truth) -> Iterator[str]:
    """What becomes due by a file is what is cleared of it; a fee is its rate to half a fen."""
    due: Counter[tuple[object, Kind]] = Counter()
    for one in seen.lines:
        if one.journal.flow in _SHARES:
            kinds = {one.journal.debited.kind, one.journal.credited.kind} - {Kind.CARD_COMPANY}
            due[one.journal.about, kinds.pop()] += one.journal.amount * _SHARES[one.journal.flow]
    cleared = {
        number: [line for _, line in _cleared(seen, truth, number) if isinstance(line, Fare)]
        for number in seen.answered
    }
    made = Counter(sum(due[about, kind] for kind in _DUE) for about in {about for about, _ in due})
    wanted = Counter(sum(one.amount for one in lines) for lines in cleared.values())
    del made[0], wanted[0]
    if made != wanted:
        yield f"files made {sorted(made)} fen due, and {sorted(wanted)} are cleared"
    all_ = [(number, one) for number, lines in cleared.items() for one in lines]
    parties = len({(number, one.operator, one.platform) for number, one in all_})
    of_platforms = sum(one.amount for _, one in all_ if one.platform)
    of_all = sum(one.amount for _, one in all_)
    for kind, rate, fen in (
        (Kind.PLATFORM, truth.rates.service, of_platforms), (Kind.FEE, truth.rates.clearing, of_all)
    ):  # fmt: skip
        has = sum(part for (_, what), part in due.items() if what is kind)
        if abs(has * SHARE - fen * rate) * 2 > SHARE * parties:
            yield f"{kind.name} has {has} fen of fees, and {fen * rate / SHARE:.2f} are due"


_DUE = (Kind.OPERATOR, Kind.PLATFORM, Kind.FEE)


def all_is_cleared(seen: Seen, truth: Truth) -> Iterator[str]:
    """At rest: every file is answered, and nothing is left but what is rejected for good."""
    for number in seen.files.keys() - seen.answered:
        yield f"file {number} has no answer"
    final = {one.n for one in seen.rejected if one.is_final}
    amounts = {one.n: one.journal.amount * _FARES.get(one.journal.flow, 0) for one in seen.lines}
    has = seen.of(Account(Kind.CARD_COMPANY, truth.pack.card_company.id))
    if has != sum(amounts[n] for n in final):
        yield f"the card company's account still says {has} fen"


def _lines(truth: Truth, file: File) -> list[tuple[int, Sent]]:
    return list(sent_lines(truth.folder / "own" / file.name))


def _cleared(seen: Seen, truth: Truth, number: int) -> Iterator[tuple[int, Fare | Charge]]:
    """The lines of a file that were not rejected, by their number in the ledger."""
    out = {one.at for one in seen.rejected if one.number == number}
    for at, line in _lines(truth, seen.files[number]):
        if at not in out:
            moved = line.sent if isinstance(line, Again) else line
            yield moved.n, moved
