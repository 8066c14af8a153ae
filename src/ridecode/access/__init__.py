"""Access: who may do what, how they prove who they are, and the log of what they did.

In: people with roles, passwords, tokens; a right that is asked for, its subject and purpose. Out:
who it is, a ruling, and an entry in a log that is only added to.
Never: a password or token in clear, a look at a rider without its entry, a rule of any other room.
"""

from ridecode.access.chain import Entry, Fault, Found, Head, Link
from ridecode.access.db import Person
from ridecode.access.entrance import Closed, Entrance, Open
from ridecode.access.errors import NotAllowedError, NotKnownError
from ridecode.access.people import (
    add,
    disable,
    granted,
    machine_token,
    people,
    sign_in,
    sign_out,
)
from ridecode.access.recording import enter_by_machine, latest, looks, verify
from ridecode.access.roles import (
    ABOUT_RIDERS,
    NOTHING,
    RECORDED,
    ROLES,
    VISITOR,
    WHOLE_CITY,
    About,
    Because,
    Grant,
    Purpose,
    Right,
    Role,
    Ruling,
    Subject,
    Verdict,
    Who,
    judge,
)

__all__ = [
    "ABOUT_RIDERS",
    "NOTHING",
    "RECORDED",
    "ROLES",
    "VISITOR",
    "WHOLE_CITY",
    "About",
    "Because",
    "Closed",
    "Entrance",
    "Entry",
    "Fault",
    "Found",
    "Grant",
    "Head",
    "Link",
    "NotAllowedError",
    "NotKnownError",
    "Open",
    "Person",
    "Purpose",
    "Right",
    "Role",
    "Ruling",
    "Subject",
    "Verdict",
    "Who",
    "add",
    "disable",
    "enter_by_machine",
    "granted",
    "judge",
    "latest",
    "looks",
    "machine_token",
    "people",
    "sign_in",
    "sign_out",
    "verify",
]
