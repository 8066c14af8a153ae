"""The simulator: a city from a seed, with riders, phones, validators, thieves and faults.

In: a city pack and a seed. Out: the same taps on every machine, streamed, and their truth apart.
Never: a rule of the road of its own: codes, judgements, rides and prices come from their rooms.
"""

__all__: list[str] = []
