"""The HTTP interface put together: routes, one shape of errors, and the page beside them."""

from importlib.metadata import version
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute
from fastapi.staticfiles import StaticFiles
from starlette.responses import Response
from starlette.types import Scope

from ridecode.access import Entrance
from ridecode.api import (
    allowed,
    audit,
    bundles,
    city,
    codes,
    demo,
    devices,
    fares,
    health,
    manual,
    metrics,
    money,
    readers,
    riders,
    rides,
    session,
    summary,
    taps,
    tour,
)
from ridecode.api.desk import Desk
from ridecode.api.errors import ErrorAnswer, answer_errors
from ridecode.api.watched import Watched

PAGE = Path(__file__).parent / "web"

_ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"model": ErrorAnswer, "description": what}
    for status, what in {
        401: "Nobody is known by what was brought.",
        403: "A rule refuses it, or whoever asks may not do it.",
        404: "There is no such thing.",
        409: "The same id came with another body.",
        413: "The body is too long.",
        422: "The request is malformed.",
        500: "A fault of ridecode itself.",
        503: "Something that is needed cannot be had now.",
    }.items()
}


def _title(router: APIRouter) -> None:
    """Routes go by the first line of what they say of themselves, not by their function's name."""
    for route in router.routes:
        if isinstance(route, APIRoute):
            route.summary = route.description.partition("\n")[0]


class _Page(StaticFiles):
    """The page, which may load nothing but its own files: no inline code, no other host."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        answer = await super().get_response(path, scope)
        answer.headers["Content-Security-Policy"] = _POLICY
        return answer


_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class _App(FastAPI):
    """Describes itself once somebody asks: 0.3 s of work, which no start waits for."""

    def openapi(self) -> dict[str, Any]:
        is_first = self.openapi_schema is None
        told = super().openapi()
        if is_first and not self.state.entrance.is_open:
            allowed.describe(self, told)
        return told


def make_app(desk: Desk, entrance: Entrance, living: tour.City | None = None) -> FastAPI:
    """The application over a desk, with a city that moves where it is a demonstration.

    `entrance` knows who asks, and keeps the log of it.
    """
    app = _App(
        title="ridecode",
        summary="From the ride code (乘车码) to the price of the ride.",
        version=version("ridecode"),
        responses=_ERRORS,
        docs_url=None,
        redoc_url=None,
    )
    app.state.desk = desk
    app.state.entrance = entrance
    app.state.riders = riders.Registry.of(desk.pack, desk.vault)
    app.state.metrics = metrics.Metrics(desk)
    app.add_middleware(Watched, metrics=app.state.metrics)
    answer_errors(app)
    if desk.publication is not None:
        app.state.bundles = desk.publication.folder
    rooms = [
        session,
        audit,
        city,
        codes,
        riders,
        *([bundles] if desk.publication else []),
        taps,
        devices,
        rides,
        money,
        fares,
        summary,
        health,
        metrics,
    ]
    if living is not None:
        app.state.tour = tour.Tour(living)
        rooms += [readers, demo, tour]
    for room in rooms:
        _title(room.router)
        app.include_router(room.router)
    manual.add(app)
    if PAGE.is_dir():
        app.mount("/", _Page(directory=PAGE, html=True), name="page")
    allowed.matrix(app)
    return app
