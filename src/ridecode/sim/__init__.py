"""The simulator: a city from a seed, with riders, phones, validators, thieves and faults.

In: a city pack and a seed. Out: the same taps on every machine, streamed, and their truth apart.
Never: a rule of the road of its own: codes, judgements, rides and prices come from their rooms.
"""

from ridecode.sim.bench import SimBench, bench_sim
from ridecode.sim.city import FOREIGN, SimCity, two_cities
from ridecode.sim.devices import Devices, Misuse, Upload, device_key, misuses
from ridecode.sim.exposure_bench import ExposureBench, bench_exposure
from ridecode.sim.judged import debtors, signed_taps, signed_taps_in_time
from ridecode.sim.kinds import Attack, Fault, Kind, Purpose
from ridecode.sim.live import Cut, LiveCity, Shown
from ridecode.sim.losses import Loss, losses
from ridecode.sim.phones import sim_authority
from ridecode.sim.rates import FLAWLESS, HONEST, Rates
from ridecode.sim.shape import Distance, Shape, shape
from ridecode.sim.thieves import AT_THE_READER, Report
from ridecode.sim.truth import Misdeed, Told, TrueRide, Truth
from ridecode.sim.unsigned import taps, taps_in_time

__all__ = [
    "AT_THE_READER",
    "FLAWLESS",
    "FOREIGN",
    "HONEST",
    "Attack",
    "Cut",
    "Devices",
    "Distance",
    "ExposureBench",
    "Fault",
    "Kind",
    "LiveCity",
    "Loss",
    "Misdeed",
    "Misuse",
    "Purpose",
    "Rates",
    "Report",
    "Shape",
    "Shown",
    "SimBench",
    "SimCity",
    "Told",
    "TrueRide",
    "Truth",
    "Upload",
    "bench_exposure",
    "bench_sim",
    "debtors",
    "device_key",
    "losses",
    "misuses",
    "shape",
    "signed_taps",
    "signed_taps_in_time",
    "sim_authority",
    "taps",
    "taps_in_time",
    "two_cities",
]
