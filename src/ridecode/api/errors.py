"""One shape for every error answer: `{"error": {"code", "what", "remedy"}}`.

The answers are made where they are asked for (`async`, though nothing is awaited): a thread for
each would cost more than the refusal itself, and refusals come in floods.
"""

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel
from starlette.exceptions import HTTPException

from ridecode.access import NotKnownError
from ridecode.api.allowed import refused_how
from ridecode.core import (
    BadInputError,
    ConflictError,
    NotFoundError,
    RefusedError,
    RidecodeError,
    UnavailableError,
)
from ridecode.taps import OverloadedError

STATUS: dict[type[RidecodeError], int] = {
    BadInputError: 422,
    NotFoundError: 404,
    ConflictError: 409,
    NotKnownError: 401,
    RefusedError: 403,
    OverloadedError: 429,
    UnavailableError: 503,
}


class Fault(BaseModel):
    """What went wrong, and what to do about it."""

    code: str
    what: str
    remedy: str


class ErrorAnswer(BaseModel):
    """The body of every answer that is not a success."""

    error: Fault


def answer_errors(app: FastAPI) -> None:
    """Give every error of this application the one shape."""
    app.add_exception_handler(RidecodeError, _ours)
    app.add_exception_handler(RequestValidationError, _malformed)
    app.add_exception_handler(HTTPException, _http)


async def _ours(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RidecodeError)
    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), 500)
    answer = _answer(status, type(error).__name__, error.what, error.remedy)
    if isinstance(error, OverloadedError):
        answer.headers["Retry-After"] = str(error.retry_after_s)
    if isinstance(error, NotKnownError):
        answer.headers["WWW-Authenticate"] = refused_how(error)
    return answer


async def _malformed(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return _answer(422, BadInputError.__name__, f"{where}: {first['msg']}.", "See /docs.")


async def _http(_request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    answer = _answer(error.status_code, "HTTPException", str(error.detail), "See /docs.")
    answer.headers.update(error.headers or {})
    return answer


def crashed() -> JSONResponse:
    """The trace goes to the server's log, which is no business of whoever asked."""
    what = "This is a fault of ridecode itself."
    return _answer(500, "InternalError", what, "Please report it with the server's log.")


def _answer(status: int, code: str, what: str, remedy: str) -> JSONResponse:
    return JSONResponse({"error": {"code": code, "what": what, "remedy": remedy}}, status)
