"""Why a tap that was kept does not stand: it is in quarantine, with one reason."""

from enum import IntEnum

from ridecode.core import Words


class Suspicion(IntEnum):
    """One reason a tap: the first one met, in the order of these numbers, which are frozen.

    Below 20 it was seen at the door, from 20 on when the centre verified the whole code again.
    """

    DEVICE_REVOKED = 1
    SEQUENCE_FORKED = 2
    NOT_A_READING = 3
    FROM_THE_FUTURE = 4
    UNKNOWN_PLACE = 5
    WRONG_DEVICE_PLACE = 6
    CODE_MISSING = 7
    ID_TAKEN = 8

    CODE_REFUSED = 20
    TIME_OUTSIDE_CODE = 21
    ACCOUNT_MISMATCH = 22
    ACCOUNT_TYPE_MISMATCH = 23
    CODE_TIME_MISMATCH = 24

    @property
    def words(self) -> Words:
        """What is wrong with the tap."""
        return _WORDS[self]

    @property
    def may_be_released(self) -> bool:
        """Whether a person may let the tap go on to the check of its code: never past that check,
        and never one whose id belongs to another tap."""
        return self < Suspicion.CODE_MISSING


_WORDS = {
    Suspicion.DEVICE_REVOKED: Words(
        zh="终端已被停用。", en="The device had been revoked when it sent this tap."
    ),
    Suspicion.SEQUENCE_FORKED: Words(
        zh="终端记录链分叉：与先前所报不一致。",
        en="The device told another history before: its chain has forked.",
    ),
    Suspicion.NOT_A_READING: Words(
        zh="终端只能上报自己读到的记录。", en="A device may tell only what it read itself."
    ),
    Suspicion.FROM_THE_FUTURE: Words(
        zh="刷码时间晚于中心时钟。", en="The tap lies in the future of the centre's clock."
    ),
    Suspicion.UNKNOWN_PLACE: Words(
        zh="城市包中没有这个地点。", en="The city pack knows no such place."
    ),
    Suspicion.WRONG_DEVICE_PLACE: Words(
        zh="终端登记的地点与记录不符。", en="The device is enrolled at another place."
    ),
    Suspicion.CODE_MISSING: Words(
        zh="放行记录没有附上乘车码。", en="An accepted reading came without its code."
    ),
    Suspicion.ID_TAKEN: Words(
        zh="该编号已属于另一条记录。",
        en="Another tap has this id; this telling is kept as evidence.",
    ),
    Suspicion.CODE_REFUSED: Words(
        zh="中心复验乘车码未通过。", en="The code did not pass when the centre verified it again."
    ),
    Suspicion.TIME_OUTSIDE_CODE: Words(
        zh="刷码时间不在乘车码有效期内。", en="The tap lies outside the validity of its code."
    ),
    Suspicion.ACCOUNT_MISMATCH: Words(
        zh="记录的卡账号与乘车码不符。", en="The tap names another card account than its code."
    ),
    Suspicion.ACCOUNT_TYPE_MISMATCH: Words(
        zh="记录的账户类型与乘车码不符。", en="The tap names another account type than its code."
    ),
    Suspicion.CODE_TIME_MISMATCH: Words(
        zh="记录的生码时间与乘车码不符。",
        en="The tap says that its code was made at another time than the code itself.",
    ),
}
