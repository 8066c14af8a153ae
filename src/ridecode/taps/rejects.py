"""Why a row of a file could not be read."""

from enum import IntEnum

from ridecode.core import Words


class RejectReason(IntEnum):
    """One reason per row: the first one met, in the order of these numbers, which are frozen."""

    TOO_LONG = 1
    NOT_IN_ENCODING = 2
    CONTROL_CHARACTER = 3
    QUOTES = 4
    COLUMN_COUNT = 5
    TYPE_UNKNOWN = 6
    ACCOUNT_MALFORMED = 7
    DEVICE_MALFORMED = 8
    TIME_MALFORMED = 9
    AMOUNT_MALFORMED = 10
    MARK_UNKNOWN = 11
    AMOUNT_UNEXPECTED = 12

    @property
    def words(self) -> Words:
        """What was found and what was expected."""
        return _WORDS[self]


_WORDS = {
    RejectReason.TOO_LONG: Words(
        zh="此行过长，不像一条记录。", en="The line is too long to be a row."
    ),
    RejectReason.NOT_IN_ENCODING: Words(
        zh="此行的字节不符合所述编码。",
        en="The bytes of this line are not in the encoding of the format.",
    ),
    RejectReason.CONTROL_CHARACTER: Words(
        zh="此行含有控制字符。", en="There is a control character in the line."
    ),
    RejectReason.QUOTES: Words(
        zh="引号不成对，或引号后另有内容。",
        en="A quotation mark is not closed, or something follows it.",
    ),
    RejectReason.COLUMN_COUNT: Words(
        zh="列数与表头不符。", en="The row has more or fewer fields than the header."
    ),
    RejectReason.TYPE_UNKNOWN: Words(
        zh="城市包不认识此交易类型。", en="The city pack does not know this kind word."
    ),
    RejectReason.ACCOUNT_MALFORMED: Words(
        zh="卡号格式不对。", en="The card number is not as the format describes it."
    ),
    RejectReason.DEVICE_MALFORMED: Words(
        zh="设备号格式不对。", en="The device number is not as the format describes it."
    ),
    RejectReason.TIME_MALFORMED: Words(
        zh="时间格式不对，或不在 1970 至 9998 年之间。",
        en="The time is not as the format describes it, or outside 1970 to 9998.",
    ),
    RejectReason.AMOUNT_MALFORMED: Words(
        zh="金额须为不带符号的整数，不超过九位。",
        en="An amount is a whole number of at most nine digits without a sign.",
    ),
    RejectReason.MARK_UNKNOWN: Words(
        zh="换乘标记只能是格式所述的两个值之一。",
        en="The transfer mark is neither of the two values that the format names.",
    ),
    RejectReason.AMOUNT_UNEXPECTED: Words(
        zh="此类记录不扣款，金额须为 0。",
        en="Such a row charges nothing, so its amounts must be 0.",
    ),
}
