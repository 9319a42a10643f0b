"""Steps of the machine: users connect, select, leave, change their minds, disconnect; time passes (R3, R13 to R21)."""

from collections.abc import Callable

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from domain.connection import SyncedEvents
from domain.refusals import Refusal
from tests.support.rules_model import WINDOW
from tests.unit.domain.machine.stage import MINUTE, Stage, choices
from tests.unit.domain.machine.world import CALENDARS


def refused_by(work: Callable[[], object]) -> str | None:
    """Return the rule by which something is refused."""
    try:
        work()
    except Refusal as refusal:
        return refusal.rule
    return None


class SelectingSteps(Stage):
    """What users do."""

    def connect_now(self, user: str, account: str) -> None:
        """Connect, or be refused (R20, R21)."""
        at, refused = self.now(), self.model.refused(user, account)
        by = refused_by(lambda: self.world.connect(at, user, account))
        if refused:
            assert by in refused
        else:
            assert by is None
            self.model.connect(at, user, account)

    @precondition(lambda self: self.connected())
    @rule(data=st.data(), choice=choices)
    def edit(self, data: st.DataObject, choice: SyncedEvents) -> None:
        """Make another selection the whole one, and perhaps disconnect with another choice (R17)."""
        user = data.draw(st.sampled_from(self.connected()))
        self.edit_to(user, set(data.draw(st.sets(st.sampled_from(CALENDARS[self.account(user)])))), choice)
        if data.draw(st.booleans()):
            self.leave_for_good(user, data.draw(choices))

    def edit_to(self, user: str, wanted: set[str], choice: SyncedEvents) -> None:
        """Make a selection the whole one, not without a choice (R16); what was selected before comes under R15."""
        at = self.now()
        before = self.model.selected_by(user, at)
        if before - wanted:
            assert refused_by(lambda: self.world.edit(at, user, selected=wanted, removed={})) == "R16"
        again = sorted(one for one in wanted - before if self.model.first_selected(one) is not None)
        removed: dict[str, SyncedEvents] = dict.fromkeys(before - wanted, choice)
        assert self.world.edit(at, user, selected=wanted, removed=removed) == again
        for calendar in before - wanted:
            self.model.leave(at, calendar, user, choice)
        for calendar in wanted - before:
            self.model.select(at, calendar, user)
        if not self.forward:
            self.reselected += [(calendar, at) for calendar in again]

    @precondition(lambda self: self.connected())
    @rule(data=st.data(), choice=choices)
    def change_ones_mind(self, data: st.DataObject, choice: SyncedEvents) -> None:
        """Choose anew for what this account left before (R18: the latest counts)."""
        user, at = data.draw(st.sampled_from(self.connected())), self.now()
        link, selected = self.model.link_of(user), self.model.selected_by(user, at)
        assert link is not None
        removed: dict[str, SyncedEvents] = dict.fromkeys(link.ever - selected, choice)
        assert self.world.edit(at, user, selected=selected, removed=removed) == []
        for calendar in removed:
            self.model.leave(at, calendar, user, choice)

    def leave_for_good(self, user: str, choice: SyncedEvents) -> None:
        """Disconnect a user."""
        at = self.now()
        self.world.disconnect(at, user, choice)
        self.model.disconnect(at, user, choice)

    @rule(data=st.data(), early=st.integers(0, 2))
    def time_passes(self, data: st.DataObject, early: int) -> None:
        """Wait, perhaps until a meeting starts, or until a booking is as old as R15 reaches: a minute less or more."""
        made = self.calendly.made.values()
        ends = [one.starts for one in made] + [one.at + WINDOW for one in made] + [self.clock + WINDOW]
        later = sorted({one - early * MINUTE for one in ends if one - early * MINUTE > self.clock})
        self.clock = data.draw(st.sampled_from(later))
