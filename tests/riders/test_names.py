"""No issuer and no platform has a privilege: permuting their names permutes the results.

A town's life is played twice: as it is, and with every name of an issuer or platform put in the
place of another. What comes out of the second must be what comes out of the first, renamed: every
account, authorisation, refusal, moment and deny entry.
"""

from collections.abc import Callable, Mapping
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec import msgpack
from msgspec.structs import asdict

from ridecode.code import Issuer, parse, present
from ridecode.core import RidecodeError
from ridecode.riders import (
    Account,
    MadeBy,
    RiderRules,
    accounts_of,
    authorise,
    bind,
    denied,
    enrol,
    follow,
    history,
    report_loss,
    restore,
    revoke,
    standing,
)
from ridecode.store import Cell, log
from tests.riders.world import HOUR, NOW, PLATFORMS, SZT, YCT, S, asked, key, person, phone

ISSUERS = (SZT, YCT)
TABLES = """riders, accounts, account_serials, phones, revoked, debts, owing, suspicions,
    rider_events, log, log_topics, log_marks"""

Step = tuple[str, int, int, int, int]
"""What is done; by which person, with which issuer and platform; after how long."""
STEPS = st.lists(
    st.tuples(
        st.sampled_from(
            ["enrol", "enrol", "bind", "authorise", "authorise", "lose", "revoke", "restore", "owe",
             "repay", "copy"]
        ),
        st.integers(0, 2),
        st.integers(0, 1),
        st.integers(0, 2),
        st.integers(0, 3 * HOUR),
    ),
    max_size=25,
)  # fmt: skip


class Town:
    """Plays steps in a cell, with the issuers and platforms in an order of their own."""

    def __init__(
        self, cell: Cell, rules: RiderRules, issuers: Mapping[str, Issuer],
        order: tuple[str, ...], platforms: tuple[str, ...],
    ) -> None:  # fmt: skip
        self._cell, self._rules, self._issuers = cell, rules, issuers
        self._names = {"issuer": order, "platform": platforms}
        self._phones = 0
        with cell.connection() as conn:
            conn.execute(f"TRUNCATE {TABLES}")

    def play(self, steps: list[Step]) -> list[Any]:
        """What came of each step, and how everybody stands at the end, without a name."""
        now, told = NOW, []
        for n, (what, who, issuer, platform, later) in enumerate(steps):
            now += later
            do = getattr(self, f"_{what}")
            told.append(self._answer(lambda d=do, w=who, i=issuer, p=platform, t=now, m=n:  # type: ignore[misc]
                                     d(w, i, p, t, m)))  # fmt: skip
        follow(self._cell, self._rules, now)
        return [*told, self._end(now)]

    def _answer(self, do: Callable[[], object]) -> object:
        try:
            return self._nameless(do())
        except RidecodeError as error:
            return type(error).__name__, self._nameless(error.what)

    def _account(self, who: int, issuer: int, platform: int) -> Account:
        return enrol(
            self._cell, self._rules,
            asked(who, self._names["issuer"][issuer], self._names["platform"][platform]), NOW,
        )  # fmt: skip

    def _enrol(self, who: int, issuer: int, platform: int, now: int, n: int) -> object:
        return asdict(self._account(who, issuer, platform))

    def _bind(self, who: int, issuer: int, platform: int, now: int, n: int) -> object:
        account = self._account(who, issuer, platform).account
        bound = bind(self._cell, self._rules, account, key(n), MadeBy.DEVICE, now)
        return asdict(bound)

    def _authorise(self, who: int, issuer: int, platform: int, now: int, n: int) -> object:
        account = self._account(who, issuer, platform).account
        current = standing(self._cell, self._rules, account, now).phone
        held = key(n) if current is None else current.user_key
        told = authorise(self._cell, self._rules, self._issuers, account, held, now)
        number = next(m for m in range(n + 1) if key(m) == held)
        code: Any = parse(present(told.fields, phone(number), now // S))
        return (
            code.card_account, code.payment_account, code.issuer, code.platform,
            code.account_type, code.limit_fen, code.authorised_until_s, code.validity_s,
            told.credit,
        )  # fmt: skip

    def _lose(self, who: int, issuer: int, platform: int, now: int, n: int) -> object:
        account = self._account(who, issuer, platform).account
        current = standing(self._cell, self._rules, account, now).phone
        held = key(n) if current is None else current.user_key
        return asdict(report_loss(self._cell, self._rules, account, held, now))

    def _revoke(self, who: int, issuer: int, platform: int, now: int, n: int) -> object:
        return revoke(self._cell, [self._account(who, issuer, platform).account], now)

    def _restore(self, who: int, issuer: int, platform: int, now: int, n: int) -> object:
        return restore(self._cell, [self._account(who, issuer, platform).account], now)

    def _owe(self, who: int, issuer: int, platform: int, now: int, n: int) -> object:
        return self._tell(
            "debts", (self._account(who, issuer, platform).account, "owed", 700, now), now
        )

    def _repay(self, who: int, issuer: int, platform: int, now: int, n: int) -> object:
        return self._tell("debts", (person(who), "repaid", 500, now), now)

    def _copy(self, who: int, issuer: int, platform: int, now: int, n: int) -> object:
        account = self._account(who, issuer, platform).account
        tap = (n.to_bytes(16, "big"), account, 2, now)
        return self._tell("taps.set_aside", tap, now)

    def _tell(self, topic: str, entry: tuple[object, ...], now: int) -> object:
        with self._cell.connection() as conn:
            log.append(conn, topic, [msgpack.encode([entry])])
        return asdict(follow(self._cell, self._rules, now))

    def _end(self, now: int) -> object:
        people = {
            who: [
                (asdict(standing(self._cell, self._rules, one.account, now)),
                 [asdict(event) for event in history(self._cell, one.account)])
                for one in accounts_of(self._cell, person(who))
            ]
            for who in range(3)
        }  # fmt: skip
        refused = denied(self._cell, self._rules, now)
        return self._nameless(people), sorted(str(self._nameless(asdict(no))) for no in refused)

    def _nameless(self, told: object) -> object:
        """Every name of an issuer or platform, in whatever form, replaced by its place."""
        text = repr(told)
        for place, issuer in enumerate(self._names["issuer"]):
            text = text.replace(issuer, f"<issuer {place}>")
            text = text.replace(f"'{self._rules.iins[issuer]}", f"'<iin {place}>")
            text = text.replace(f" {self._rules.iins[issuer]}", f" <iin {place}>")
        for place, platform in enumerate(self._names["platform"]):
            text = text.replace(platform, f"<platform {place}>")
            text = text.replace(self._rules.platforms[platform], f"<number {place}>")
        return text


@settings(max_examples=25, suppress_health_check=list(HealthCheck))
@given(STEPS, st.permutations(ISSUERS), st.permutations(PLATFORMS))
def test_permuting_names_permutes_the_results_and_changes_nothing_else(
    cell: Cell,
    rules: RiderRules,
    issuers: Mapping[str, Issuer],
    steps: list[Step],
    order: list[str],
    platforms: list[str],
) -> None:
    plain = Town(cell, rules, issuers, ISSUERS, PLATFORMS).play(steps)
    renamed = Town(cell, rules, issuers, tuple(order), tuple(platforms)).play(steps)
    assert renamed == plain


def test_the_same_life_under_other_names_is_seen_to_differ_by_names_alone(
    cell: Cell, rules: RiderRules, issuers: Mapping[str, Issuer]
) -> None:
    """That the test above compares something: every kind of step, with other names in the rows."""
    steps: list[Step] = [
        ("enrol", 0, 0, 0, 0), ("enrol", 1, 1, 2, 0), ("bind", 0, 0, 0, 0), ("bind", 1, 1, 2, 0),
        ("authorise", 0, 0, 0, 5), ("authorise", 1, 1, 2, 5), ("lose", 0, 0, 0, 5),
        ("revoke", 1, 1, 2, 5), ("owe", 2, 0, 1, 5), ("owe", 2, 1, 1, 5), ("owe", 2, 0, 0, 5),
        ("enrol", 2, 1, 2, 5), ("copy", 0, 1, 1, 1),
    ]  # fmt: skip
    town = Town(cell, rules, issuers, ISSUERS, PLATFORMS)
    told = town.play(steps)
    assert "OwingError" in str(told[11])
    assert "<issuer 1>" in str(told[1]) and "<platform 2>" in str(told[1])
    assert len(denied(cell, rules, NOW + 50)) == 5
