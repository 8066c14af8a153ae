"""The one closed answer to "may this code pass?", from the first byte to the place's own rules.

Numbers are frozen: they stand in tables, files and displays. Below 40 a verdict is about the
code alone (trust); from 40 on about the code at this place, now (judgement).
"""

from enum import IntEnum

from ridecode.core.words import Words


class Verdict(IntEnum):
    """One reason per refusal, in the order in which the checks are asked (docs/ride-code.md)."""

    ACCEPTED = 0

    FOREIGN_CODE = 10
    TOO_SHORT = 11
    TOO_LONG = 12
    VERSION_UNKNOWN = 13
    LENGTH_MISMATCH = 14
    CERTIFICATE_MALFORMED = 15
    CERTIFICATE_EXPIRED = 16
    ROOT_UNKNOWN = 17
    ROOT_EXPIRED = 18
    ROOT_IS_TEST = 19
    CERTIFICATE_SIGNATURE = 20
    ISSUER_MISMATCH = 21
    PAYMENT_ACCOUNT_MALFORMED = 22
    CARD_ACCOUNT_MALFORMED = 23
    ACCOUNT_TYPE_UNKNOWN = 24
    AUTHORISATION_EXPIRED = 25
    CUSTOM_FIELD_LENGTH = 26
    VALIDITY_TOO_LONG = 27
    NOT_YET_VALID = 28
    CODE_EXPIRED = 29
    MADE_AFTER_AUTHORISATION = 30
    AUTHORISATION_SIGNATURE = 31
    USER_KEY_MALFORMED = 32
    USER_SIGNATURE = 33

    CLOCK_UNTRUSTED = 40
    ISSUER_NOT_ACCEPTED = 41
    VALIDITY_NOT_ACCEPTED = 42
    DENIED = 43
    LIMIT_EXCEEDED = 44
    DEBOUNCED = 45
    SAME_CODE = 46
    CODE_TIME_BACKWARDS = 47
    PASSBACK = 48
    COMPANION_NOT_ALLOWED = 49
    BUNDLE_EXPIRED = 50
    STALE_ISSUER = 51
    STALE_LIMIT = 52
    ACCOUNT_NOT_OF_ISSUER = 53

    @property
    def accepted(self) -> bool:
        return self is Verdict.ACCEPTED

    @property
    def words(self) -> Words:
        """What the rider is told: first what happened, then what to do."""
        return _WORDS[self]


_NEW_CODE = ("请刷新乘车码后再刷", "Refresh your ride code and scan again.")
_STAFF = ("请联系工作人员", "Please ask the staff.")
_ANOTHER_GATE = ("请走旁边通道", "Please use another gate.")
_READER = ("请把整个码对准扫码口再刷", "Hold the whole code to the reader and scan again.")


def _say(zh: str, en: str, then: tuple[str, str]) -> Words:
    return Words(zh=f"{zh}，{then[0]}。", en=f"{en} {then[1]}")


_WORDS = {
    Verdict.ACCEPTED: Words(zh="请通行。", en="Please pass."),
    Verdict.FOREIGN_CODE: _say(
        "这不是交通乘车码",
        "This is not a transit ride code.",
        ("请打开乘车码页面", "Open your ride-code page."),
    ),
    Verdict.TOO_SHORT: _say("码未读全", "The code was cut short.", _READER),
    Verdict.TOO_LONG: _say("码长度不对", "The code is too long.", _READER),
    Verdict.VERSION_UNKNOWN: _say(
        "不认识这个码的版本",
        "This code's version is not known here.",
        ("请更新应用", "Update your app."),
    ),
    Verdict.LENGTH_MISMATCH: _say("码内容不完整", "The code is incomplete.", _READER),
    Verdict.CERTIFICATE_MALFORMED: _say(
        "发码机构证书无效", "The issuer's certificate is malformed.", _STAFF
    ),
    Verdict.CERTIFICATE_EXPIRED: _say(
        "发码机构证书已过期", "The issuer's certificate has expired.", _STAFF
    ),
    Verdict.ROOT_UNKNOWN: _say(
        "本机不认识发码机构的根证书", "The issuer's root is not known here.", _STAFF
    ),
    Verdict.ROOT_EXPIRED: _say("根证书已过期", "The root has expired.", _STAFF),
    Verdict.ROOT_IS_TEST: _say(
        "这是测试码，不能在此乘车", "This is a test code and is not valid here.", _NEW_CODE
    ),
    Verdict.CERTIFICATE_SIGNATURE: _say(
        "发码机构证书未通过验证", "The issuer's certificate could not be verified.", _STAFF
    ),
    Verdict.ISSUER_MISMATCH: _say(
        "发码机构与证书不符", "The issuer does not match its certificate.", _STAFF
    ),
    Verdict.PAYMENT_ACCOUNT_MALFORMED: _say(
        "支付账户格式不对", "The payment account is malformed.", _STAFF
    ),
    Verdict.CARD_ACCOUNT_MALFORMED: _say(
        "卡账号格式不对", "The card account is malformed.", _STAFF
    ),
    Verdict.ACCOUNT_TYPE_UNKNOWN: _say(
        "不认识这个账户类型", "This account type is not known.", _STAFF
    ),
    Verdict.AUTHORISATION_EXPIRED: _say(
        "乘车授权已过期",
        "Your authorisation has expired.",
        ("请联网打开乘车码更新", "Open your ride code once with a network connection."),
    ),
    Verdict.CUSTOM_FIELD_LENGTH: _say("码内容长度不对", "A field of the code is too long.", _STAFF),
    Verdict.VALIDITY_TOO_LONG: _say(
        "码声明的有效时间过长", "The code claims too long a validity.", _STAFF
    ),
    Verdict.NOT_YET_VALID: _say(
        "码的时间比本机晚",
        "The code was made in the future.",
        ("请校准手机时间后刷新", "Correct your phone's clock and refresh."),
    ),
    Verdict.CODE_EXPIRED: _say("码已过期", "The code has expired.", _NEW_CODE),
    Verdict.MADE_AFTER_AUTHORISATION: _say(
        "码生成时授权已过期",
        "The code was made after its authorisation had ended.",
        ("请联网打开乘车码更新", "Open your ride code once with a network connection."),
    ),
    Verdict.AUTHORISATION_SIGNATURE: _say(
        "乘车授权未通过验证", "The authorisation could not be verified.", _STAFF
    ),
    Verdict.USER_KEY_MALFORMED: _say("用户公钥无效", "The user key is not valid.", _STAFF),
    Verdict.USER_SIGNATURE: _say("码未通过验证", "The code could not be verified.", _NEW_CODE),
    Verdict.CLOCK_UNTRUSTED: _say(
        "本机时间不可信，暂停扫码",
        "This reader's clock cannot be trusted.",
        _ANOTHER_GATE,
    ),
    Verdict.ISSUER_NOT_ACCEPTED: _say(
        "这里暂不受理该机构的乘车码", "Codes of this issuer are not accepted here.", _STAFF
    ),
    Verdict.VALIDITY_NOT_ACCEPTED: _say(
        "这里不受理有效时间这么长的码",
        "Codes with so long a validity are not accepted here.",
        _NEW_CODE,
    ),
    Verdict.DENIED: _say(
        "该账户已停用乘车码",
        "This account may not ride now.",
        ("请在应用内查看原因", "Your app tells the reason."),
    ),
    Verdict.LIMIT_EXCEEDED: _say(
        "票价超过单次上限",
        "The fare is above this code's limit.",
        ("请换其他方式付款", "Please pay another way."),
    ),
    Verdict.DEBOUNCED: Words(zh="刚刚已刷过。", en="Already read just now."),
    Verdict.SAME_CODE: _say("这个码已经用过", "This code has been used.", _NEW_CODE),
    Verdict.CODE_TIME_BACKWARDS: _say(
        "出示的码比上次更旧", "This code is older than the last one.", _NEW_CODE
    ),
    Verdict.PASSBACK: _say(
        "此码刚在这里刷过",
        "This account has just passed here.",
        ("请稍候再刷", "Wait a moment and scan again."),
    ),
    Verdict.COMPANION_NOT_ALLOWED: _say(
        "一人一码，不能带人", "One person, one code: companions need their own.", _STAFF
    ),
    Verdict.BUNDLE_EXPIRED: _say(
        "本机断网太久，暂停扫码",
        "This reader has been offline for too long.",
        _ANOTHER_GATE,
    ),
    Verdict.STALE_ISSUER: _say(
        "本机暂时断网，只受理本市乘车码",
        "This reader is offline and takes this city's own codes alone.",
        _ANOTHER_GATE,
    ),
    Verdict.STALE_LIMIT: _say(
        "本机暂时断网，票价超过此时的上限",
        "This reader is offline and takes cheaper rides alone.",
        _ANOTHER_GATE,
    ),
    Verdict.ACCOUNT_NOT_OF_ISSUER: _say(
        "卡账号不属于发码的机构", "The card account is not of the issuer of this code.", _STAFF
    ),
}
