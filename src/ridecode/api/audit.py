"""The log of who did what: for auditors all of it, for a rider who has looked at him."""

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, Field

from ridecode import access
from ridecode.access import Right
from ridecode.api import wire
from ridecode.api.allowed import Entered, needs
from ridecode.api.desk import Desk, Held
from ridecode.api.say import moment
from ridecode.api.subjects import rider_in_path, the_city

router = APIRouter(prefix="/v1", tags=["access"])

Most = Annotated[int, Query(ge=1, le=1_000)]
Before = Annotated[int | None, Query(ge=1, lt=2**63, examples=[4_712])]


class LookOut(BaseModel):
    """Somebody looked at a rider or acted for him, or wanted to: by his role, not by name."""

    n: int = Field(description="Of the entry in the whole log, from 1.", examples=[4711])
    at: wire.Moment
    role: str | None = Field(examples=["card_company"])
    act: str = Field(examples=["GET /v1/rides"])
    purpose: str | None = Field(examples=["complaint"])
    outcome: str = Field(examples=["allowed"])


class EntryOut(LookOut):
    who: str = Field(examples=["wang.li"])
    right: str | None = Field(description="null: to prove who one is.", examples=["see_rider"])
    about: str = Field(examples=["rider"])
    subject: str = Field(examples=["3104870400000000001"])
    reason: str = Field(examples=["lost property"])
    link: wire.Hex = Field(description="After this entry.", examples=["3f0a" * 16])


@router.get("/log", dependencies=[needs(Right.READ_LOG, the_city)])
def log(
    desk: Held, entered: Entered, before: Before = None, most: Most = 100
) -> list[EntryOut]:  # fmt: skip
    """Who did what, the newest first; further back with `before`, the number of an entry."""
    return [
        EntryOut(
            who=one.entry.who, about=one.entry.about.name.lower(),
            right=None if one.entry.right is None else one.entry.right.name.lower(),
            subject=one.entry.subject, reason=one.entry.reason, link=one.link.hex(),
            **_look(desk, one).model_dump(),
        )
        for one in access.latest(entered.cell, most, before)
    ]  # fmt: skip


@router.get("/riders/{account}/looks", dependencies=[needs(Right.READ_LOG, rider_in_path)])
def looks(
    account: wire.Account, desk: Held, entered: Entered, before: Before = None, most: Most = 100
) -> list[LookOut]:  # fmt: skip
    """Who has looked at a rider or acted for him, the newest first; this look among them.

    Further back with `before`, the number of an entry.
    """
    return [_look(desk, one) for one in access.looks(entered.cell, account, most, before)]


def _look(desk: Desk, one: access.Link) -> LookOut:
    entry = one.entry
    return LookOut(
        n=one.n,
        at=moment(desk.pack, entry.at),
        role=None if entry.role is None else entry.role.name.lower(),
        act=entry.act,
        purpose=None if entry.purpose is None else entry.purpose.name.lower(),
        outcome=entry.outcome.name.lower(),
    )
