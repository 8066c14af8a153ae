"""Riders: who may make ride codes, with which phone and for how long, and who may not ride.

In: enrolments of any platform, phones' keys, losses; debts and taps that were set aside, from the
log. Out: accounts, authorisations (fields 1 to 15) and the deny entries.
Never: a name in clear, a preference among issuers and platforms, a list with a false entry.
"""

from ridecode.riders.enrolling import accounts_of, enrol, reclassify
from ridecode.riders.facts import (
    Account,
    Authorisation,
    Credit,
    Denied,
    Enrolment,
    Event,
    EventKind,
    Followed,
    MadeBy,
    Owing,
    Phone,
    Standing,
    Stopped,
    Why,
)
from ridecode.riders.following import follow
from ridecode.riders.identity import Document, DocumentKind, identity_key, identity_of
from ridecode.riders.phones import authorise, bind, report_loss
from ridecode.riders.reading import denied, history, platform_of, standing
from ridecode.riders.refusals import CoolingError, DeniedError, OwingError, StoppedPhoneError
from ridecode.riders.revoking import restore, revoke
from ridecode.riders.rules import RiderRules, Terms, read_rules

__all__ = [
    "Account",
    "Authorisation",
    "CoolingError",
    "Credit",
    "Denied",
    "DeniedError",
    "Document",
    "DocumentKind",
    "Enrolment",
    "Event",
    "EventKind",
    "Followed",
    "MadeBy",
    "Owing",
    "OwingError",
    "Phone",
    "RiderRules",
    "Standing",
    "Stopped",
    "StoppedPhoneError",
    "Terms",
    "Why",
    "accounts_of",
    "authorise",
    "bind",
    "denied",
    "enrol",
    "follow",
    "history",
    "identity_key",
    "identity_of",
    "platform_of",
    "read_rules",
    "reclassify",
    "report_loss",
    "restore",
    "revoke",
    "standing",
]
