"""Days of money from a seed, with everything that goes wrong, driven through the real rooms.

In: an empty cell, a pack, a seed. Out: what was done, and each invariant of the books that broke.
Never: a rule of the money rooms; what was ridden and what was really moved is all that it knows.
"""

from ridecode.sim.money.dying import Death
from ridecode.sim.money.invariants import ALWAYS, AT_REST, Break
from ridecode.sim.money.run import Report, simulate

__all__ = ["ALWAYS", "AT_REST", "Break", "Death", "Report", "simulate"]
