"""Why nothing certain came back from a channel, what each reason means, and what to do about it.

A reason is for people alone. Whatever it is, nothing is believed, and the same is asked again.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from enum import IntEnum
from typing import Final, TypeAlias

from msgspec import Struct
from msgspec.structs import force_setattr

from ridecode.core import Words

CODE_MOST: Final = 64
"""Characters of a code."""
CODES_MOST: Final = 8
"""Different codes that are counted apart, so that no channel makes logs grow by its words."""


class Silence(IntEnum):
    """Why nothing certain came back. The numbers are frozen."""

    NO_ANSWER = 1
    """None came in time: the other side may have heard what it was asked."""
    NOT_SIGNED = 2
    """The answer does not bear the channel's signature: its key was changed, a clock is wrong, or
    somebody stands between."""
    UNREADABLE = 3
    """It is signed, and cannot be read, or is of something else than was asked."""
    BUSY = 4
    """The channel, or what stands before it, says that it cannot now."""
    OUR_MISTAKE = 5
    """It refuses the request as such: a parameter, a right, a key or the balance of ours."""
    UNDECIDED = 6
    """It has answered, and has not said what became of it."""


class Silent(Struct, frozen=True, gc=False):
    """That nothing certain came back of a request, and why."""

    why: Silence
    code: str = ""
    """The channel's own word, where it gave one under its signature. Of whatever it is made, the
    first 64 printable characters of ASCII are kept."""

    def __post_init__(self) -> None:
        if self.code:
            kept = "".join(one for one in self.code if " " <= one <= "~")
            force_setattr(self, "code", kept.strip()[:CODE_MOST])

    def __str__(self) -> str:
        return f"{self.why.name} {self.code}".rstrip()


Reasons: TypeAlias = tuple[tuple[Silent, int], ...]
"""How many requests came to nothing for which reason, the most frequent first."""


def counted(reasons: Iterable[tuple[Silent, int]]) -> Reasons:
    """Reasons summed up. The eight most frequent codes are kept; others count without a code."""
    sums: Counter[Silent] = Counter()
    for silent, requests in reasons:
        sums[silent] += requests
    coded = [one for one, _ in _ranked(sums) if one.code]
    for one in coded[CODES_MOST:]:
        sums[Silent(one.why)] += sums.pop(one)
    return _ranked(sums)


def _ranked(sums: Mapping[Silent, int]) -> Reasons:
    return tuple(sorted(sums.items(), key=lambda it: (-it[1], it[0].why, it[0].code)))


class Meaning(Struct, frozen=True):
    """What a reason is in words."""

    what: Words
    remedy: Words


MEANINGS: Final[Mapping[Silence, Meaning]] = {
    Silence.NO_ANSWER: Meaning(
        Words(zh="没有按时应答", en="no answer came in time"),
        Words(
            zh="会自动再问；持续则检查网络和渠道公告",
            en="it is asked again by itself; if it lasts, look at the network, and at the "
            "channel's notices",
        ),
    ),
    Silence.NOT_SIGNED: Meaning(
        Words(zh="应答没有该渠道的有效签名", en="the answer does not bear its signature"),
        Words(
            zh="渠道可能换了密钥：与渠道后台核对已设的密钥，并核对本机时钟；否则有人在中间",
            en="its key may have been changed: compare the key that is set with the channel's "
            "console, and this machine's clock with the time; else somebody stands between",
        ),
    ),
    Silence.UNREADABLE: Meaning(
        Words(
            zh="签名有效，但读不懂，或说的不是所问",
            en="the answer is signed, and cannot be read, or is of something else",
        ),
        Words(
            zh="对照渠道文档：接口可能变了",
            en="compare it with the channel's documents: they may have changed",
        ),
    ),
    Silence.BUSY: Meaning(
        Words(zh="渠道说现在不行", en="it says that it cannot now"),
        Words(
            zh="会自动再问；持续则看渠道公告",
            en="it is asked again by itself; if it lasts, look at the channel's notices",
        ),
    ),
    Silence.OUR_MISTAKE: Meaning(
        Words(zh="渠道不接受这样的请求", en="it refuses the request as such"),
        Words(
            zh="在渠道文档中查此代码：商户的参数、权限、密钥或余额不对",
            en="look the code up in the channel's documents: a parameter, a right, a key or the "
            "balance of the merchant is wrong",
        ),
    ),
    Silence.UNDECIDED: Meaning(
        Words(zh="已应答，结果未定", en="it has not said yet what became of it"),
        Words(zh="无须处理：会自动再问", en="nothing: it is asked again by itself"),
    ),
}
