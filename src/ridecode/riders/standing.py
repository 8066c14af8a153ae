"""The rules about riders, from values to values.

 1. What a person owes is the sum over all accounts and all that was told under the identity.
 2. Who owes `denied_owed`, or `limited_owed` for longer than `denied_after`, is DENIED: no
    authorisation, no further account, and every account is on the deny list.
 3. Who owes `limited_owed` is LIMITED; who is known for less than `new` is NEW; others are GOOD.
 4. An account has one phone at a time. A phone that takes another's place waits for `cooling`,
    and until no authorisation of the phones before is good any more: two keys of one account
    never ride at the same time.
 5. The account of a lost or copied phone is denied as long as an authorisation of that phone is
    good, then no longer: readers know accounts, not keys, and the new phone's time has come.
 6. `clones` taps within `clones_within` that point to a copied key stop the phone whose time it
    was when they happened.

No rule asks for the name of an issuer or a platform.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from ridecode.core import NotFoundError, to_iso
from ridecode.riders.facts import Credit, Denied, Owing, Phone, Standing, Stopped, Why
from ridecode.riders.refusals import CoolingError, DeniedError, OwingError, StoppedPhoneError
from ridecode.riders.rules import CLOCK_MARGIN, RiderRules, Terms

_DENYING: Final = {Stopped.LOST: Why.LOST, Stopped.CLONED: Why.CLONED}
_NEVER: Final = 2**63


def owing(entries: Iterable[tuple[int, int]]) -> Owing:
    """Rule 1, of (moment, amount), a repayment's amount below 0; their order tells nothing.

    Of one moment repayments come first, so that what is owed then is owed since then.
    """
    owed = since = 0
    for ts, amount in sorted(entries):
        if owed <= 0 < owed + amount:
            since = ts
        owed += amount
    return Owing(owed, since)


def owes_too_much(rules: RiderRules, owes: Owing, now: int) -> bool:
    """Rule 2."""
    too_long = owes.owed >= rules.limited_owed and now - owes.since > rules.denied_after
    return too_long or owes.owed >= rules.denied_owed


def credit(rules: RiderRules, owes: Owing, known_since: int, now: int) -> Credit:
    """Rules 2 and 3."""
    if owes_too_much(rules, owes, now):
        return Credit.DENIED
    if owes.owed >= rules.limited_owed:
        return Credit.LIMITED
    return Credit.NEW if now - known_since < rules.new else Credit.GOOD


def good_until(phone: Phone) -> int:
    """Until when some reader may take a code of this phone; 0 where it was never authorised."""
    return phone.authorised_until + CLOCK_MARGIN if phone.authorised_until else 0


def usable_from(rules: RiderRules, before: Sequence[Phone], now: int) -> int:
    """Rule 4, for a phone that is bound now; an account's first one is usable at once."""
    if not before:
        return now
    return max(now + rules.cooling, *map(good_until, before))


def denied_by_phone(phone: Phone, now: int) -> Denied | None:
    """Rule 5."""
    why = _DENYING.get(phone.stopped) if phone.stopped is not None else None
    if why is None or phone.stopped_at is None or now > good_until(phone):
        return None
    return Denied(phone.account, why, phone.stopped_at)


def is_cloned(rules: RiderRules, moments: Iterable[int]) -> bool:
    """Rule 6, of the moments of an account's taps that point to a copied key."""
    ordered = sorted(moments)
    runs = zip(ordered, ordered[rules.clones - 1 :], strict=False)
    return any(last - first <= rules.clones_within for first, last in runs)


def cloned_phones(
    rules: RiderRules, phones: Sequence[Phone], moments: Sequence[int]
) -> list[Phone]:
    """Rule 6: which of an account's phones, the newest last, to stop.

    A phone's taps lie from when it was usable to when the next one is. A phone that was left for
    another is stopped too: its copy may ride on for the rest of its authorisation.
    """
    ends = [*(phone.usable_from for phone in phones[1:]), _NEVER]
    return [
        phone
        for phone, end in zip(phones, ends, strict=False)
        if phone.stopped in (None, Stopped.MOVED)
        and is_cloned(rules, [ts for ts in moments if phone.usable_from <= ts < end])
    ]


def terms(rules: RiderRules, standing: Standing, user_key: bytes, now: int) -> Terms:
    """What the phone of that key is authorised to now, or the refusal that says why not."""
    phone = next((one for one in standing.phones if one.user_key == user_key), None)
    if phone is None:
        raise NotFoundError("This key is bound to no phone of the account.", "Bind it first.")
    if phone.stopped is not None:
        raise StoppedPhoneError(
            f"This phone was stopped: {phone.stopped.name.lower()}.", "Bind it with a new key."
        )
    for denied in standing.denied:
        if denied.why is not Why.DEBT:
            raise DeniedError(
                f"The account is denied: {denied.why.name.lower()}.", denied.why.words.en
            )
    refuse_debtor(standing.credit, standing.owing)
    if now < phone.usable_from:
        raise CoolingError(
            "This phone was bound a moment ago.", f"It is usable from {to_iso(phone.usable_from)}."
        )
    return rules.terms[standing.credit]


def refuse_debtor(of: Credit, owes: Owing) -> None:
    """Raises `OwingError` for whom rule 2 denies."""
    if of is Credit.DENIED:
        what = f"Fares of {owes.owed} are unpaid since {to_iso(owes.since)}."
        raise OwingError(what, "Pay them first, on whatever account they were made.")
