"""The city that a demonstration drives: events in order, judged as they say."""

from ridecode.code import demo_authority
from ridecode.core import MICROS, TapKind
from ridecode.sim import Cut, LiveCity, Shown
from ridecode.validator import ClockSet, Memory, Place, decide, make_bundle
from tests.code.test_authority import Drawer
from tests.sim.world import DAY, city

NOON = city().midnight(DAY) + 12 * 3_600 * MICROS


def test_events_come_in_order_whatever_the_steps() -> None:
    one, other = (LiveCity(city().pack, seed=3, riders=150, begins=NOON) for _ in range(2))
    one.speed = 120
    steps = [event for _ in range(10) for event in one.advance(6)]
    whole = other.until(NOON + 10 * 6 * 120 * MICROS)
    assert one.now == other.now
    assert steps == whole
    assert [event.ts for event in steps] == sorted(event.ts for event in steps)
    assert all(NOON < event.ts <= one.now for event in steps)


def test_a_night_passes_into_the_next_day() -> None:
    live = LiveCity(city().pack, seed=3, riders=40, begins=NOON)
    first = live.until(NOON + 15 * 3_600 * MICROS)
    assert live.until(NOON + 40 * 3_600 * MICROS)
    assert not {event.ts for event in first} & {event.ts for event in live.until(live.now)}


def test_the_demonstrations_own_readers_judge_it_as_it_says() -> None:
    """With the institutions of a running demonstration and one reader a place."""
    pack = city().pack
    authority = demo_authority(Drawer(), pack.issuers, NOON // MICROS)
    live = LiveCity(pack, authority, seed=3, riders=250, begins=NOON)
    bundle = make_bundle(pack, [authority.root], version=1, made=NOON, denied=live.denied())
    lanes: dict[str, Memory] = {}
    shown = [event for event in live.until(NOON + 7 * 3_600 * MICROS) if isinstance(event, Shown)]
    assert len(shown) > 200
    for event in shown:
        lane = lanes.setdefault(event.place, Memory())
        lane.keep([ClockSet(event.ts)])
        decision = decide(bundle, lane, event.code, _place(event.place), event.ts)
        lane.keep(decision.remember)
        assert decision.verdict is event.verdict, event


def test_readers_that_are_cut_off_are_named_as_the_demonstration_names_them() -> None:
    live = LiveCity(city().pack, seed=3, riders=40, begins=NOON)
    cuts = [event for event in live.until(NOON + 12 * 3_600 * MICROS) if isinstance(event, Cut)]
    assert cuts
    for cut in cuts:
        assert cut.until > cut.ts
        for name in cut.places:
            _place(name)


def _place(name: str) -> Place:
    pack = city().pack
    first, second = name.split(":")
    kind = {"entry": TapKind.ENTRY, "exit": TapKind.EXIT}.get(second, TapKind.SINGLE)
    stop = second if kind is TapKind.SINGLE else first
    line = next(
        one for one in pack.lines.values()
        if stop in one.stops and (kind is not TapKind.SINGLE or one.id == first)
    )  # fmt: skip
    return Place(
        kind=kind, mode=line.mode, product=line.product, operator=line.operator, line=line.id,
        stop=stop, validator=name, vehicle=f"{line.id}-1" if kind is TapKind.SINGLE else "",
    )  # fmt: skip
