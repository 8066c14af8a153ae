"""Every request has an id, and is timed, counted and logged by it; its body has an end.

The id is the caller's `X-Request-Id` where it is a plain word, else a new one; the answer names it,
and every line that is logged on the way bears it.
"""

import re
from time import perf_counter
from typing import Final

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from structlog.contextvars import bind_contextvars

from ridecode.api import bodies
from ridecode.api.errors import crashed
from ridecode.api.metrics import Metrics
from ridecode.core import new_id

log = structlog.get_logger()

REQUEST_ID: Final = "X-Request-Id"
_PLAIN: Final = re.compile(r"[A-Za-z0-9._-]{1,64}")
_METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_QUIET: Final = frozenset({"/healthz", "/readyz", "/metrics"})
"""Asked every few seconds by machines: logged only where they fail."""

_NAMED: Final = frozenset({"tap_id", "ride_id", "place", "device", "file"})
"""What is logged of a path. Whose account was asked for is nobody's business."""


class Watched:
    """Wraps the application; plain ASGI, which costs a fifth of a decorated middleware."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self._app, self._metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        asked = headers.get(REQUEST_ID, "")
        bounded = bodies.counted(headers, receive, bodies.MOST)
        request = asked if _PLAIN.fullmatch(asked) else str(new_id())
        status, answered, started = 500, False, perf_counter()

        async def answer(message: Message) -> None:
            nonlocal status, answered
            if message["type"] == "http.response.start":
                status, answered = message["status"], True
                MutableHeaders(scope=message)[REQUEST_ID] = request
            await send(message)

        # For good: each request runs in a context of its own, and what the server logs of a crash
        # after we are gone bears the id as well.
        bind_contextvars(request=request)
        try:
            await self._app(scope, bounded, answer)
        except Exception:
            if not answered:
                await crashed()(scope, receive, answer)
            raise
        finally:
            self._told(scope, status, perf_counter() - started)

    def _told(self, scope: Scope, status: int, seconds: float) -> None:
        method = scope["method"] if scope["method"] in _METHODS else "OTHER"
        route = getattr(scope.get("route"), "path", "page")
        self._metrics.requests.labels(method, route, status).inc()
        self._metrics.seconds.labels(route).observe(seconds)
        if status < 400 and (route in _QUIET or route == "page"):
            return
        say = log.info if status < 500 else log.warning
        ids = {name: id_ for name, id_ in scope.get("path_params", {}).items() if name in _NAMED}
        say(
            "answered",
            method=method,
            route=route,
            status=status,
            ms=round(seconds * 1_000, 1),
            **ids,
        )
