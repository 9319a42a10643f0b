"""The running system against the model of the rules: random histories, on real parts (R3 to R19)."""

import asyncio
import uuid
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from devstack.system import System
from tests.e2e.machine.calendly_side import OFFERS, USERS, CalendlySide
from tests.e2e.machine.play import Play
from tests.support.rules_model import Made
from tests.support.scene import Scene

EXAMPLES = settings(
    max_examples=6,
    stateful_step_count=8,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)
"""Nothing is shrunk: each step is a real one."""

people = st.sampled_from(["ada", "bo", None])
choices = st.sampled_from(["keep", "delete"])
Burst = list[tuple[str, str | None, str | None, int]]
"""Bookings: calendar, person, host (None: all), and how often it is delivered at once."""

bursts: st.SearchStrategy[Burst] = st.lists(
    st.one_of(
        st.tuples(st.just("intro"), people, st.none(), st.sampled_from([1, 2, 0])),
        st.tuples(st.just("demo"), people, st.sampled_from(["ahlen", "berg", None]), st.sampled_from([1, 2, 0])),
    ),
    min_size=1,
    max_size=3,
)


class Histories(RuleBasedStateMachine):
    """Whatever happens, in whatever order; each example in a subaccount of its own."""

    runner: ClassVar[asyncio.Runner]
    scene: ClassVar[Scene]
    plays: ClassVar[list[Play]]

    play: Play

    def run(self, work: Coroutine[Any, Any, None]) -> None:
        """Do something, and compare."""
        self.runner.run(work)
        self.runner.run(self.play.compare())

    def note(self, booking: Coroutine[Any, Any, Made]) -> Made:
        """Book, and note whom Calendly tells of it."""
        made = self.runner.run(booking)
        self.play.note(made)
        return made

    @initialize(burst=bursts)
    def begin(self, burst: Burst) -> None:
        """Begin with both users, who have all their calendars selected, and some bookings."""
        scene = replace(self.scene, subaccount=str(uuid.uuid4()))
        calendly = self.runner.run(CalendlySide.begin(scene.admin))
        self.play = Play(scene=scene, calendly=calendly)
        self.plays.append(self.play)
        for user, account in USERS.items():
            self.runner.run(self.play.connect(user))
            self.runner.run(self.play.select(user, OFFERS[account], "keep"))
        self.book(burst)

    @rule(burst=bursts)
    def book(self, burst: Burst) -> None:
        """Book; a delivery comes once, twice, or not before it is asked for."""
        made = [self.note(self.play.calendly.book(calendar, person, host)) for calendar, person, host, _ in burst]
        for one, (*_, delivered) in zip(reversed(made), reversed(burst), strict=True):
            if delivered:
                self.runner.run(self.play.deliver(one.number, delivered))
        self.runner.run(self.play.compare())

    @precondition(lambda self: self.play.calendly.active)
    @rule(data=st.data(), again=st.booleans(), user=st.sampled_from(sorted(USERS)))
    def end(self, data: st.DataObject, again: bool, user: str) -> None:
        """Cancel or reschedule (R7), and compare an account with Calendly where anything could be missed."""
        number = data.draw(st.sampled_from(sorted(self.play.calendly.active)))
        if again:
            self.note(self.play.calendly.reschedule(number))
        else:
            self.runner.run(self.play.calendly.cancel(number))
        if user in self.play.connections and self.play.unknown():
            self.run(self.play.reconcile(user))

    @precondition(lambda self: self.play.calendly.made)
    @rule(data=st.data())
    def deliver_late(self, data: st.DataObject) -> None:
        """Deliver bookings late, or once more, in any order."""
        numbers = st.lists(st.sampled_from(sorted(self.play.calendly.made)), min_size=1, max_size=3, unique=True)
        for number in data.draw(numbers):
            self.runner.run(self.play.deliver(number, times=1))
        self.runner.run(self.play.compare())

    @rule(data=st.data(), user=st.sampled_from(sorted(USERS)), choice=choices, how=st.sampled_from(["edit", "end"]))
    def leave_and_come_back(self, data: st.DataObject, user: str, choice: str, how: str) -> None:
        """Leave calendars or disconnect; book in what may be a gap (R14); perhaps select everything again (R15)."""
        offers = OFFERS[USERS[user]]
        if user in self.play.connections and how == "end":
            self.run(self.play.disconnect(user, choice))
        elif user in self.play.connections:
            self.run(self.play.select(user, data.draw(st.sets(st.sampled_from(sorted(offers)))), choice))
        meanwhile = [self.note(self.play.calendly.book(calendar, "ada", None)) for calendar in sorted(offers)]
        if data.draw(st.booleans()):
            if user not in self.play.connections:
                self.runner.run(self.play.connect(user))
            self.run(self.play.select(user, offers, choice))
            for made in meanwhile:
                self.runner.run(self.play.deliver(made.number, times=1))
            self.runner.run(self.play.compare())


def run_histories(system: System) -> None:
    """Run the machine on an event loop of its own: a step waits for the system, the machine for the step."""
    with asyncio.Runner() as runner:
        opened = AsyncExitStack()
        Histories.runner, Histories.plays = runner, []
        Histories.scene = runner.run(opened.enter_async_context(Scene.open(system)))
        try:
            run_state_machine_as_test(Histories, settings=EXAMPLES)
            for play in Histories.plays:
                runner.run(play.compare_topics())
        finally:
            runner.run(Histories.scene.admin.behave())
            runner.run(opened.aclose())


@pytest.mark.timeout(300)
async def test_r3_to_r19_the_running_system_does_what_the_model_does_whatever_happens(system: System) -> None:
    await asyncio.to_thread(run_histories, system)
