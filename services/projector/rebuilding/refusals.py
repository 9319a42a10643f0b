"""Why a version is not rebuilt, compared, switched to or dropped. Each message says what to do."""


class Refused(Exception):
    """What was asked cannot be done as things are."""


class UnknownProjection(Refused):
    """There is no projection of this name."""

    def __init__(self, name: str, known: list[str]) -> None:
        super().__init__(f"There is no projection '{name}'. There are: {', '.join(known)}.")


class BeingChanged(Refused):
    """Another process rebuilds, switches or drops versions of this projection."""

    def __init__(self, name: str) -> None:
        super().__init__(f"Another process is changing the versions of {name}. Let it end, then try again.")


class NothingToCompare(Refused):
    """There is no loaded version besides the live one."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"{name} has no version beside the live one. Run 'bookstream projections rebuild {name}' first."
        )


class NotLoaded(Refused):
    """The rebuild of this version did not come to its end."""

    def __init__(self, name: str, label: str) -> None:
        super().__init__(f"{label} is not loaded yet. Run 'bookstream projections rebuild {name}': it goes on.")


class NotVerified(Refused):
    """The version was not compared with the live one, or not since it was last fed from the beginning."""

    def __init__(self, name: str, label: str) -> None:
        super().__init__(
            f"{label} was not compared with the live one. Run 'bookstream projections verify {name}' first."
        )


class Differs(Refused):
    """The version differs from the live one, and nobody said that this is meant."""

    def __init__(self, name: str, label: str, differences: int) -> None:
        super().__init__(
            f"{label} differs from the live version in {differences} rows; 'bookstream projections verify {name}' "
            "names them. If the difference is what the rebuild is for, switch with --accept-differences."
        )


class Lags(Refused):
    """The version is too far behind the live one."""

    def __init__(self, label: str, behind: int) -> None:
        super().__init__(
            f"{label} is {behind} offsets behind the live version. See that the projector runs, wait until "
            "'bookstream projections list' shows no lag, then try again."
        )


class NothingToGoBackTo(Refused):
    """No version was live before, or it is dropped already."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} has no retired version to go back to. Rebuild one, verify it and switch to it.")


class IsLive(Refused):
    """The live version cannot be dropped."""

    def __init__(self, label: str) -> None:
        super().__init__(f"{label} is live and cannot be dropped. Switch to another version first.")


class NoSuchVersion(Refused):
    """There is no such version, or none that could be meant."""

    def __init__(self, name: str, number: int | None) -> None:
        which = "no version besides the live one" if number is None else f"no version {number}"
        super().__init__(f"{name} has {which}. 'bookstream projections list' shows what there is.")


class Ambiguous(Refused):
    """Several versions could be meant."""

    def __init__(self, name: str, numbers: list[int]) -> None:
        listed = ", ".join(str(number) for number in numbers)
        super().__init__(f"{name} has several versions besides the live one: {listed}. Name one with --version.")


class Interrupted(Refused):
    """The database refused what was to be loaded."""

    def __init__(self, label: str, error: str) -> None:
        super().__init__(
            f"PostgreSQL refused what was to be loaded into {label} ({error}). What was loaded before stays: mend it "
            "and run the same command again, or drop the version."
        )


class WorkerLost(Refused):
    """A process that loaded partitions was killed."""

    def __init__(self, name: str) -> None:
        super().__init__(
            f"A process that loaded {name} was killed, perhaps for want of memory: see --budget. "
            f"Run 'bookstream projections rebuild {name}' again: it goes on."
        )
