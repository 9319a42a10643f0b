"""Structured logs on standard error: JSON lines to a pipe, colours to a person. No name, token or body goes in."""

import logging
import sys
from traceback import extract_tb
from types import TracebackType
from typing import Any

import structlog
from structlog.stdlib import ProcessorFormatter
from structlog.typing import EventDict

from services.runtime.calm import Calm


def configure(*, level: int = logging.INFO) -> None:
    """Set up logging for this process; the libraries' own loggers speak from WARNING on, in the same form."""
    shared = (
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _tell_error,
    )
    renderer = structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[*shared, renderer],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    of_libraries = (structlog.stdlib.add_logger_name, *shared)
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=of_libraries, processors=[ProcessorFormatter.remove_processors_meta, renderer]
        )
    )
    handler.addFilter(Calm())
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    sys.excepthook = _tell_end


def told(error: BaseException) -> dict[str, Any]:
    """Return what a log may say of an error that was not foreseen: its kind and where it arose, never its message."""
    frames = extract_tb(error.__traceback__)[-5:]
    return {"error": type(error).__name__, "where": [f"{one.filename}:{one.lineno} {one.name}" for one in frames]}


def _tell_error(_: object, __: str, event: EventDict) -> EventDict:
    # A message may hold a row, and so a name; a traceback ends with it.
    info = event.pop("exc_info", None)
    error = sys.exc_info()[1] if info is True else info[1] if isinstance(info, tuple) else info
    if isinstance(error, BaseException):
        event.update(told(error))
    return event


def _tell_end(_: type[BaseException], error: BaseException, __: TracebackType | None) -> None:
    structlog.get_logger(__name__).critical("ended by an error that nobody foresaw", **told(error))
