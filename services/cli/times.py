"""Lengths of time and moments, as a person types them."""

import re
from datetime import datetime, timedelta

import typer

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def length(text: str) -> timedelta:
    """Read a length such as `90s`, `30m`, `2h` or `7d`. Raises BadParameter."""
    told = re.fullmatch(r"(\d{1,6})([smhd])", text)
    if told is None:
        raise typer.BadParameter(f"'{text}' is no length of time. Give a number and s, m, h or d, such as 2h.")
    return timedelta(**{_UNITS[told[2]]: int(told[1])})


def moment(text: str) -> datetime:
    """Read a moment such as `2026-11-24T09:00:00Z`. Raises BadParameter, also where the time zone is missing."""
    try:
        told = datetime.fromisoformat(text)
    except ValueError:
        told = None
    if told is None or told.tzinfo is None:
        raise typer.BadParameter(f"'{text}' is no moment. Give it as 2026-11-24T09:00:00Z, with its time zone.")
    return told
