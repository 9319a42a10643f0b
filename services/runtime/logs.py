"""Structured logs on standard error: JSON lines to a pipe, colours to a person. No name, token or body goes in."""

import logging
import sys
from traceback import extract_tb
from typing import Any

import structlog


def configure(*, level: int = logging.INFO) -> None:
    """Set up logging for this process; the libraries' own loggers speak from WARNING on."""
    person = sys.stderr.isatty()
    logging.basicConfig(level=logging.WARNING, stream=sys.stderr, format="%(levelname)s %(name)s %(message)s")
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer() if person else structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )


def told(error: BaseException) -> dict[str, Any]:
    """Return what a log may say of an error that was not foreseen: its kind and where it arose, never its message."""
    frames = extract_tb(error.__traceback__)[-5:]
    return {"error": type(error).__name__, "where": [f"{one.filename}:{one.lineno} {one.name}" for one in frames]}
