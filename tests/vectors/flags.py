"""What each flag of the vectors is about, and what an attacker gains where it is not heeded."""

from typing import Final

FLAGS: Final = {
    "Account": (
        "Fields 4, 5 and 8 at and beyond their limits.",
        "An account that one system reads and another cannot: a ride that nobody can charge, or "
        "one that is charged to somebody else.",
    ),
    "Certificate": (
        "The form and the last month of the issuer's certificate.",
        "An issuer whose certificate has ended goes on issuing; a certificate of another kind is "
        "taken for one of an issuer.",
    ),
    "CustomField": (
        "Field 14 at its limits, and field 13 in disagreement with what is there.",
        "A length beyond the data reads past the code's end, or shifts what the signatures cover.",
    ),
    "Downgrade": (
        "The code asks for less than the standard demands, or is relabelled as another version.",
        "A verifier that lets the code choose takes a weaker algorithm, a missing signature or "
        "the user ids of another version.",
    ),
    "Encoding": (
        "r or s begins with zero bytes.",
        "None; but a verifier that turns r ‖ s into DER carelessly refuses one honest code in 128.",
    ),
    "Foreign": (
        "A code of another platform.",
        "None; a reader must route it, not tell the rider that the code is forged.",
    ),
    "FormatByte": (
        "The byte before a signature. Field 17's is under no signature, field 15's under field "
        "17's alone; V1 has more such bytes.",
        "Whoever sees a code can make 255 others of it that are accepted: duplicates must be "
        "keyed on the code with these bytes zeroed.",
    ),
    "Issuer": (
        "Field 6 and the certificate name different issuers.",
        "An issuer authorises riders at the cost of another.",
    ),
    "Length": (
        "Too short, too long, or field 2 in disagreement.",
        "Reading past the end; or one code in many lengths, each taken for a new one.",
    ),
    "LocalUserId": (
        "Version 0x81 signs under user ids of its own: service and root index, fields 6 and 7, "
        "field 5.",
        "None; a verifier that knows only the default id refuses honest local codes.",
    ),
    "Modified": (
        "Something is changed after it was signed.",
        "A higher limit, another key, another version: whatever the attacker likes.",
    ),
    "Point": (
        "A public key that is not a point of the curve, or not in the one form allowed.",
        "An off-curve key can make signatures verify that nobody made.",
    ),
    "Published": (
        "Not made here: a value that stands in print or in published source.",
        "None; an implementation that fails it agrees with nobody.",
    ),
    "Range": (
        "r or s is 0, n or above, or r + s is n.",
        "With r = 0 or r + s = n the key drops out of the equation: a forged signature may verify.",
    ),
    "Replay": (
        "An old code with a new time.",
        "One screenshot rides for ever.",
    ),
    "Root": (
        "The root is unknown, past its month, of another service, or marked as a test root.",
        "Whoever holds a test root's key, and it may be anyone, issues codes for a real city.",
    ),
    "Signature": (
        "A well-formed signature by the wrong key.",
        "Anyone signs for anyone.",
    ),
    "Time": (
        "Fields 11, 12 and 16 just within and just beyond their limits.",
        "A code lives on after its time, a claim of long validity among them.",
    ),
    "UserId": (
        "The SM2 user id under which a signature was made is the wrong one.",
        "A signature given for one purpose is used for another.",
    ),
    "Valid": ("Nothing is wrong.", "None."),
    "Version": (
        "Field 1 at its limits.",
        "A version nobody specified is taken for one that somebody did.",
    ),
}
