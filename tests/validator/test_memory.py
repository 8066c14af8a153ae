"""What a lane keeps, drops and never lets go of. Times in seconds of `NOW_S`."""

from ridecode.validator import ClockSet, Memory, Passed
from tests.validator.lane import ACCOUNT, NOW_S, S, passed


def _at(second: int, account: str = ACCOUNT, lasts: int = 100) -> Passed:
    """Passed at a second with a code of that second, to be remembered for a while."""
    ts = (NOW_S + second) * S
    name = f"{account[-4:]}{second:+012}".encode()
    return passed(account=account, code=name, made_s=NOW_S + second, ts=ts, until=ts + lasts * S)


def test_an_empty_memory_knows_nothing() -> None:
    memory = Memory()
    assert (memory.clock_set, memory.latest, len(memory)) == (None, 0, 0)
    assert memory.passage(ACCOUNT) is None
    assert memory.code(b"") is None


def test_the_last_passage_and_every_code_are_known() -> None:
    memory, first, second = Memory(), _at(0), _at(10)
    memory.keep([first, second])
    assert memory.passage(ACCOUNT) == second
    assert memory.code(first.code) == first
    assert memory.code(second.code) == second
    assert memory.latest == second.ts


def test_keeping_again_changes_nothing() -> None:
    memory, first, second = Memory(), _at(0), _at(10)
    memory.keep([first, second, ClockSet(7), first])
    assert memory.passage(ACCOUNT) == second
    assert memory.code(first.code) == first
    assert (memory.latest, memory.clock_set, len(memory)) == (second.ts, 7, 1)


def test_what_has_had_its_time_goes_with_the_next_passing() -> None:
    memory, other = Memory(), "3105170000000000002"
    old = _at(0, lasts=100)
    memory.keep([old, _at(100, other)])
    assert memory.passage(ACCOUNT) == old
    memory.keep([_at(101, other)])
    assert memory.passage(ACCOUNT) is None
    assert memory.code(old.code) is None
    assert memory.floor_s == -1


def test_beyond_the_bound_the_one_that_passed_longest_ago_goes_and_leaves_a_floor() -> None:
    memory = Memory(2)
    a, b, c = "3105170000000000001", "3105170000000000002", "3105170000000000003"
    memory.keep([_at(0, a), _at(1, b), _at(2, a), _at(3, c)])
    assert memory.passage(b) is None
    assert memory.passage(a) == _at(2, a)
    assert memory.floor_s == NOW_S + 1
    assert len(memory) == 2


def test_the_floor_never_sinks() -> None:
    memory = Memory(1)
    late, early = _at(5, "3105170000000000001"), _at(3, "3105170000000000002")
    memory.keep([late, early, _at(9, "3105170000000000003")])
    assert memory.floor_s == NOW_S + 5


def test_codes_are_bounded_too_and_their_account_stands_for_them() -> None:
    memory = Memory(2)
    memory.keep([_at(second) for second in range(5)])
    known = [memory.code(_at(second).code) is not None for second in range(5)]
    assert known == [False, False, False, True, True]
    assert memory.passage(ACCOUNT) == _at(4)
    assert memory.floor_s == -1


def test_a_memory_made_of_a_snapshot_is_the_same() -> None:
    memory = Memory(2)
    a, b, c = "3105170000000000001", "3105170000000000002", "3105170000000000003"
    memory.keep([ClockSet(7), _at(0, a), _at(1, b), _at(2, a), _at(3, c)])
    again = Memory.of(memory.snapshot(), 2)
    assert again.snapshot() == memory.snapshot()
    memory.keep([_at(4, b), _at(200, c)])
    again.keep([_at(4, b), _at(200, c)])
    assert again.snapshot() == memory.snapshot()


def test_a_smaller_memory_of_a_snapshot_leaves_a_floor() -> None:
    memory = Memory()
    a, b = "3105170000000000001", "3105170000000000002"
    memory.keep([_at(0, a), _at(1, b)])
    again = Memory.of(memory.snapshot(), 1)
    assert (len(again), again.floor_s) == (1, NOW_S)
    assert again.passage(a) is None
