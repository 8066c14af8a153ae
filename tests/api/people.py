"""A closed server with people of every role, and one rider's ride, for who may do what to it."""

from collections.abc import Mapping
from typing import Any, Final

from fastapi.testclient import TestClient
from httpx2 import Response
from msgspec import Struct

from ridecode.access import Closed, Grant, Role, add, disable, machine_token
from ridecode.api import Desk
from ridecode.core import Mode, Tap, TapKind, new_id
from ridecode.riders import Enrolment, enrol, read_rules
from ridecode.store import Clock
from ridecode.taps import record

DAY: Final = 86_400_000_000
WHY: Final = {"Ridecode-Purpose": "complaint", "Ridecode-Reason": "%E5%A4%B1%E7%89%A9"}
"""A complaint, for 失物."""
NOBODY, EXPIRED, DISABLED = "nobody", "expired", "disabled"
RIDER, ANOTHER = "rider", "another-rider"
OPERATOR, OTHER_OPERATOR = "operator", "other-operator"
CARD, AUDITOR = "card-company", "auditor"
PLATFORM, OTHER_PLATFORM = "platform", "other-platform"
ASKERS: Final = (
    NOBODY, EXPIRED, DISABLED, RIDER, ANOTHER, OPERATOR, OTHER_OPERATOR, CARD, AUDITOR, PLATFORM,
    OTHER_PLATFORM,
)  # fmt: skip


class World(Struct, frozen=True):
    """Everybody's token, and the rider whom the requests are about."""

    http: TestClient
    tokens: Mapping[str, str]
    account: str
    ride: str
    tap: str

    def ask(self, who: str, method: str, path: str, *, why: bool = True, **more: Any) -> Response:
        """Ask as somebody, with a purpose or without."""
        headers = dict(WHY) if why else {}
        if who in self.tokens:
            headers["Authorization"] = f"Bearer {self.tokens[who]}"
        answer: Response = self.http.request(method, path, headers=headers, **more)
        return answer


def entrance_of(desk: Desk) -> Closed:
    return Closed(desk.cell, Clock().now)


def enrolled(desk: Desk, number: int, platform: str = "tencent") -> str:
    """The account of a new rider."""
    asked = Enrolment(identity=f"{number:064x}", issuer="02215840", platform=platform)
    return enrol(desk.cell, read_rules(desk.pack), asked, desk.clock.now()).account


def ridden(desk: Desk, account: str) -> tuple[str, str]:
    """The ids of a ride of an account that has begun with Shenzhen's metro, and of its tap."""
    now = desk.clock.now()
    tap = Tap(
        tap_id=new_id(), city="shenzhen", account=account, account_type=1, ts=now,
        kind=TapKind.ENTRY, mode=Mode.METRO, product="metro", operator="shenzhen-metro",
        line="sz-m1", stop="sz-luohu", validator="gate-17",
    )  # fmt: skip
    record(desk.cell, [tap])
    desk.brought()
    desk.catch_up()
    return str(tap.tap_id), str(tap.tap_id)


def people_of(desk: Desk) -> tuple[dict[str, str], str]:
    """Somebody of every role, by their tokens; and the rider's account."""
    account, another = enrolled(desk, 1), enrolled(desk, 2, "alipay")
    grants = {
        EXPIRED: Grant(Role.CARD_COMPANY),
        DISABLED: Grant(Role.CARD_COMPANY),
        RIDER: Grant(Role.RIDER, account),
        ANOTHER: Grant(Role.RIDER, another),
        OPERATOR: Grant(Role.OPERATOR, "shenzhen-metro"),
        OTHER_OPERATOR: Grant(Role.OPERATOR, "eastern-bus"),
        CARD: Grant(Role.CARD_COMPANY),
        AUDITOR: Grant(Role.AUDITOR),
        PLATFORM: Grant(Role.PLATFORM, "tencent"),
        OTHER_PLATFORM: Grant(Role.PLATFORM, "alipay"),
    }
    now, tokens = Clock().now(), {}
    for name, grant in grants.items():
        add(desk.cell, name, [grant], None, "machine:test", now)
        made = now - 400 * DAY if name == EXPIRED else now
        tokens[name] = machine_token(desk.cell, name, 366, "machine:test", made)
    disable(desk.cell, DISABLED, "for the test", "machine:test", now)
    return tokens, account
