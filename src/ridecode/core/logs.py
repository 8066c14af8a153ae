"""How long-running processes log: one line of JSON an event, with the ids that it is about.

A tap has its id where it is read, a ride has the id of its first tap, and a price that of its ride;
an HTTP request has an id that its answer names. So one search finds an event's whole road, where
every event is wanted (`trace`): read, stored, checked, matched, priced. Rooms log by
`structlog.get_logger()`; whoever starts the process says where that goes.
"""

import logging
import os
import sys
from collections.abc import Iterable, Mapping
from typing import Any, Final, TextIO

import msgspec

from ridecode.core.errors import BadInputError

LEVEL: Final = "RIDECODE_LOG"
"""From which level on events are logged: debug, info, warning or error."""
_LEVELS: Final = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}


def set_up(to: TextIO | None = None) -> None:
    """Log to a stream, standard error if none is named.

    Programs get everything from `info` on, people at a terminal from `warning` on, unless
    RIDECODE_LOG says otherwise; BadInputError where it says no level.
    """
    import structlog

    stream = to or sys.stderr
    level = _LEVELS[level_name(stream)]
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", key="at"),
    ]
    traces: list[Any] = [structlog.processors.ExceptionRenderer()]
    as_json = structlog.processors.JSONRenderer(serializer=_line)
    structlog.configure(
        processors=[*shared, *traces, as_json],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(stream),
        cache_logger_on_first_use=False,
    )
    # What libraries warn of comes out the same way.
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, structlog.stdlib.add_logger_name],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta, *traces, as_json,
            ],
        )
    )  # fmt: skip
    logging.basicConfig(level=max(level, logging.WARNING), handlers=[handler], force=True)


def trace(event: str, each: Iterable[Mapping[str, object]]) -> None:
    """A line for each of them, where everything down to `debug` is logged; else nothing is made of
    `each`: at 1,000 rides a second, to tell of every one costs as much as to match them."""
    import structlog

    if not structlog.is_configured():
        return
    log = structlog.get_logger()
    if log.is_enabled_for(logging.DEBUG):
        for facts in each:
            log.debug(event, **facts)


def level_name(stream: TextIO) -> str:
    """From which level on a stream gets what is logged."""
    wanted = os.environ.get(LEVEL, "").lower() or ("warning" if stream.isatty() else "info")
    if wanted not in _LEVELS:
        raise BadInputError(
            f"{LEVEL}={wanted!r} is no level.", f"Give one of {', '.join(_LEVELS)}."
        )
    return wanted


def _line(event: dict[str, Any], **_: Any) -> str:
    first = {name: event.pop(name, "") for name in ("at", "level", "event")}
    # Whatever is logged is told in some way: a log that fails hides what it is about.
    return msgspec.json.encode(first | event, enc_hook=repr).decode()
