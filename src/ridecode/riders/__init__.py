"""Riders: who may make ride codes, with which phone and for how long, and who may not ride.

In: enrolments of any platform, phones' keys, losses, debts and quarantined taps as events.
Out: accounts, authorisations (fields 1 to 15) and the deny entries.
Never: a name in clear, a preference among issuers and platforms, a list with a false entry.
"""

__all__: list[str] = []
