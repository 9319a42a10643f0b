"""How deliveries behave."""

from dataclasses import dataclass

DAY = 24 * 3600.0


@dataclass(kw_only=True)
class Behaviour:
    """How deliveries behave. All times are in seconds.

    They can be held back, sent several times, or dropped (the next so many), and begin after a `delay`. The second
    attempt comes after `first_wait`, each further one after twice as long. After `give_up_after` a delivery is given
    up; a subscription that nothing reached for so long is disabled. `same_stamp` signs a retry with the first
    attempt's time; whether Calendly does so is not known.
    """

    hold: bool = False
    times: int = 1
    drop_next: int = 0
    delay: float = 0.0
    first_wait: float = 0.2
    give_up_after: float = DAY
    same_stamp: bool = False
    at_once: int = 32
