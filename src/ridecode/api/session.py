"""Signing in and out, and who one is."""

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, Field, StringConstraints

from ridecode import access
from ridecode.access import ROLES, Right
from ridecode.api import wire
from ridecode.api.allowed import KNOWN, PUBLIC, Asker, Entered, Token
from ridecode.api.desk import Held
from ridecode.api.say import moment
from ridecode.core import RefusedError

router = APIRouter(prefix="/v1", tags=["access"])


class SignInIn(wire.Body):
    name: wire.Name = Field(examples=["wang.li"])
    password: Annotated[str, StringConstraints(max_length=256)] = Field(
        examples=["correct horse battery staple"]
    )


class SessionOut(BaseModel):
    """Sent as `Authorization: Bearer …`. It is told this once, and not kept."""

    token: str = Field(examples=["rc_5cZ3lQpTtX1vTn0hCwq8dJmYkE2bRa7uSf4gVxWzA9o"])
    until: wire.Moment


class GrantOut(BaseModel):
    role: str = Field(examples=["operator"])
    scope: str = Field(
        description="Of whom it holds; empty: of the whole city.", examples=["shenzhen-metro"]
    )


class MeOut(BaseModel):
    name: str = Field(examples=["wang.li"])
    grants: list[GrantOut]
    rights: list[str] = Field(examples=[["see_rider", "see_devices"]])


@router.post("/session", dependencies=[PUBLIC])
def sign_in(asked: SignInIn, desk: Held, entrance: Entered) -> SessionOut:
    """Sign in with a name and a password; the token is good for twelve hours.

    401 where it is refused, whatever for. After five refusals in a row a name has to wait.
    """
    if entrance.is_open:
        raise RefusedError("This server is open: nobody need sign in.", "Just ask.")
    token, until = access.sign_in(entrance.cell, asked.name, asked.password, entrance.now())
    return SessionOut(token=token, until=moment(desk.pack, until))


@router.delete("/session", dependencies=[KNOWN], status_code=204)
def sign_out(entrance: Entered, token: Token) -> None:
    """End the session whose token this is, or a machine's token; one of the issuer's lasts on."""
    access.sign_out(entrance.cell, token)


@router.get("/me", dependencies=[KNOWN])
def me(who: Asker) -> MeOut:
    """Who asks, and what he may."""
    rights: set[Right] = {right for one in who.grants for right in ROLES[one.role]}
    return MeOut(
        name=who.name,
        grants=[GrantOut(role=one.role.name.lower(), scope=one.scope) for one in who.grants],
        rights=[right.name.lower() for right in sorted(rights)],
    )
