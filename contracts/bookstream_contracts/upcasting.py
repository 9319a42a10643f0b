"""Reading an older version of an event as the newest one, at the edge: nothing behind it knows the older one."""

from collections.abc import Callable
from typing import Any

Upcast = Callable[[dict[str, Any]], dict[str, Any]]
"""Makes the data of one version of that of the version before. Pure; it makes up nothing that the older one implies."""


class NotLifted(Exception):
    """The data is not that of the version it claims to be; the message names the version, never a value."""


class Upcasters:
    """The steps from each older version of an event to the next one, by `ce_type`."""

    def __init__(self) -> None:
        self._steps: dict[str, tuple[str, Upcast]] = {}

    def add(self, older: str, newer: str, step: Upcast) -> None:
        """Say how an older version becomes the next one. Raises ValueError where that was said already."""
        if older in self._steps:
            raise ValueError(f"{older} has an upcaster already")
        self._steps[older] = newer, step

    def __contains__(self, name: object) -> bool:
        """Tell whether a version is an older one."""
        return name in self._steps

    def newest(self, name: str) -> str:
        """Return the `ce_type` that a version is read as; a version that is no older one is read as itself."""
        while name in self._steps:
            name, _ = self._steps[name]
        return name

    def lift(self, name: str, data: Any) -> Any:
        """Return an event's data as the newest version has it. Raises NotLifted where it is not of that version."""
        while name in self._steps:
            newer, step = self._steps[name]
            try:
                data = step(data)
            except (KeyError, TypeError, AttributeError, ValueError) as fault:
                raise NotLifted(f"not as {name} has it ({type(fault).__name__})") from None
            name = newer
        return data


UPCASTERS = Upcasters()
"""Those of the published events. So far every event has one version."""
