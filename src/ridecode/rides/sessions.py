"""Where matching may begin again, so that a new tap costs its own days and not a rider's life.

An account's taps fall into sessions: nothing is matched or chained across a pause longer than
`MatchingRules.silence`. Whatever comes new at `since` can therefore change no ride that ended
before the last such pause ahead of it.
"""

from collections.abc import Sequence


def session_start(times: Sequence[int], read_from: int, since: int, silence: int) -> int | None:
    """The first moment whose rides may change by what is new from `since` on.

    `times` are all the account's taps from `read_from` on, in order, those at `since` included.
    None where the pause lies before `read_from`, so that more must be read. All in microseconds.
    """
    start = None
    last = read_from
    for ts in times:
        if ts > since:
            break
        if ts - last > silence:
            start = ts
        last = ts
    return start
