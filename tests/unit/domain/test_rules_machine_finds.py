"""The machine is no decoration: a defect planted in the domain is found, whichever rule it breaks."""

from pathlib import Path

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.unit.domain.machine.defects import DEFECTS, Plant
from tests.unit.domain.test_rules_machine import SETTINGS, Rules

LONGER = settings(SETTINGS, max_examples=400, phases=[Phase.generate], report_multiple_bugs=False)
"""Nothing is shrunk: that something is found is enough here."""


@pytest.mark.parametrize("plant", DEFECTS, ids=lambda plant: plant.__name__)
def test_the_machine_finds(plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a domain that breaks a rule
    plant(monkeypatch)
    # When the machine runs
    with pytest.raises(AssertionError) as caught:
        run_state_machine_as_test(Rules, settings=LONGER)
    # Then it is a comparison with the model that fails, not the planted code
    where = Path(caught.traceback[-1].path).name
    assert where in {"test_rules_machine.py", "stage.py", "selecting_steps.py", "booking_steps.py"}
