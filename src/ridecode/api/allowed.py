"""Who may use a route: declared beside it, judged before it, entered in the log before it answers.

The declarations of the routes are the whole matrix: there is no other list, and an application with
a route that declares nothing does not start.

    Authorization: Bearer rc_…             a token of ours, or one of the configured issuer
    Ridecode-Purpose: complaint            where it is about a rider and another asks
    Ridecode-Reason: lost%20property       in one's own words, percent-encoded UTF-8
"""

from collections.abc import Callable
from enum import Enum
from typing import Annotated, Any, Final, Literal
from urllib.parse import unquote

from fastapi import Depends, FastAPI, Header, Request
from fastapi.params import Depends as Dependency
from fastapi.routing import APIRoute, iter_route_contexts
from msgspec import Struct
from starlette.routing import Mount, Route

from ridecode.access import (
    ABOUT_RIDERS,
    NOTHING,
    RECORDED,
    Because,
    Entrance,
    Entry,
    NotAllowedError,
    NotKnownError,
    Purpose,
    Right,
    Subject,
    Verdict,
    Who,
    judge,
)
from ridecode.core import BadInputError

PURPOSE: Final = "Ridecode-Purpose"
REASON: Final = "Ridecode-Reason"
REASON_MOST: Final = 200
"""Characters, once decoded."""
PurposeName = Literal["complaint", "rider_request", "fraud", "audit", "operation", "authority"]


class How(Enum):
    """How a route knows who asks."""

    PUBLIC = "anybody"
    DEVICE = "a device that signs"
    CHANNEL = "a payment channel that signs"
    KNOWN = "anybody who is known"
    RIGHT = "by a right"


class Declared(Struct, frozen=True):
    """Who may use a route; `right` where it takes one."""

    how: How
    right: Right | None = None


_declared: Final[dict[Callable[..., Any], Declared]] = {}
"""By the dependency that stands for it in a route."""


async def _entrance(request: Request) -> Entrance:
    entrance: Entrance = request.app.state.entrance
    return entrance


Entered = Annotated[Entrance, Depends(_entrance)]


async def bearer(request: Request) -> str:
    """The token that a request brings; empty where it brings none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


Token = Annotated[str, Depends(bearer)]


def _asker(entrance: Entered, token: Token) -> Who:
    return entrance.who(token)


Asker = Annotated[Who, Depends(_asker)]
"""How a route asks who it is."""


async def _because(
    purpose: Annotated[
        PurposeName | None,
        Header(
            alias=PURPOSE,
            description="Why, where another than the rider asks.",
            examples=["complaint"],
        ),
    ] = None,
    reason: Annotated[
        str | None,
        Header(
            alias=REASON,
            description="In one's own words: 1 to 200 characters, percent-encoded UTF-8.",
            max_length=12 * REASON_MOST,
            examples=["lost%20property"],
        ),
    ] = None,
) -> Because | None:
    if purpose is None and reason is None:
        return None
    told = unquote(reason or "", errors="replace").strip()
    if purpose is None or not 1 <= len(told) <= REASON_MOST or not told.isprintable():
        raise BadInputError(
            f"{PURPOSE} and {REASON} go together; a reason is 1 to {REASON_MOST} plain characters.",
            "Say why in a few words.",
        )
    return Because(Purpose[purpose.upper()], told)


async def _nothing() -> Subject:
    return NOTHING


async def _no_reason() -> None:
    return None


def needs(right: Right, of: Callable[..., Any] = _nothing) -> Dependency:
    """Whoever asks must have the right, of the subject that `of` makes of the request."""
    why = _because if right in ABOUT_RIDERS else _no_reason

    def judged(
        request: Request,
        entrance: Entered,
        who: Asker,
        subject: Annotated[Subject, Depends(of)],
        because: Annotated[Because | None, Depends(why)],
    ) -> None:
        ruling = judge(who, right, subject, because)
        allowed = ruling.verdict is Verdict.ALLOWED
        if right in RECORDED or not allowed:
            entrance.record(
                Entry(
                    at=entrance.now(), who=who.name, role=ruling.role, right=right,
                    act=f"{request.method} {request.scope['route'].path}", about=subject.about,
                    subject=subject.id, purpose=because.purpose if because else None,
                    reason=because.reason if because else "", outcome=ruling.verdict,
                )
            )  # fmt: skip
        if not allowed:
            raise NotAllowedError(ruling.verdict)

    return _declare(judged, Declared(How.RIGHT, right))


def _declare(dependency: Callable[..., Any], declared: Declared) -> Dependency:
    _declared[dependency] = declared
    made: Dependency = Depends(dependency)
    return made


async def _anybody() -> None:
    """Nothing is asked."""


async def _channel() -> None:
    """As a device's: its client looks at the signature."""


async def _device() -> None:
    """The route looks at the signature itself, over the body as it stands."""


def _known(_who: Asker) -> None:
    """No right is asked for."""


PUBLIC: Final = _declare(_anybody, Declared(How.PUBLIC))
DEVICE: Final = _declare(_device, Declared(How.DEVICE))
CHANNEL: Final = _declare(_channel, Declared(How.CHANNEL))
KNOWN: Final = _declare(_known, Declared(How.KNOWN))

_UNJUDGED: Final = {"/openapi.json", "/"}
"""What the framework answers itself, to anybody: the description, and the page's files."""


def matrix(app: FastAPI) -> dict[str, Declared]:
    """Who may use which route, as `GET /v1/city`. A route that declares nothing, or two things, is
    a fault of ours, and no application with one starts."""
    found: dict[str, Declared] = {}
    for one in iter_route_contexts(app.routes):
        route = one.original_route
        if isinstance(route, APIRoute):
            calls = [one.call for one in route.dependant.dependencies]
            told = [_declared[call] for call in calls if call in _declared]
            if len(told) != 1:
                raise RuntimeError(f"{route.path} declares {told}: see api/allowed.py")
            found |= {f"{method} {route.path}": told[0] for method in route.methods or ()}
        elif not (isinstance(route, Mount | Route) and (route.path or "/") in _UNJUDGED):
            raise RuntimeError(f"{route} declares nothing: see api/allowed.py")
    return found


def describe(app: FastAPI, told: dict[str, Any]) -> None:
    """Tell of the token in OpenAPI, for every route that takes one."""
    told["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    for name, declared in matrix(app).items():
        method, path = name.split(" ")
        operation = told["paths"].get(path.replace(":path}", "}"), {}).get(method.lower())
        if operation is not None and declared.how in (How.KNOWN, How.RIGHT):
            operation["security"] = [{"token": []}]


def refused_how(error: NotKnownError) -> str:
    """The challenge of a 401 (RFC 6750 §3)."""
    return 'Bearer realm="ridecode"' + (', error="invalid_token"' if error.presented else "")
