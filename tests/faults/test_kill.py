"""A short run of `make kill-test`: the same process, faults and truth, few enough kills for every change."""

from pathlib import Path

import pytest

from tests.faults.kill import run
from tests.journeys.service import Service

pytestmark = pytest.mark.journey


def test_a_process_killed_again_and_again_loses_nothing_and_sends_nothing_twice(
    tmp_path: Path, set_up_once: Service
) -> None:
    figures = run(tmp_path, set_up_once, kills=4, seed=20261124, messages_for_each_kill=12)

    assert figures.faults == 0, figures
    assert figures.messages == 48
    assert figures.while_serving >= 2, figures
