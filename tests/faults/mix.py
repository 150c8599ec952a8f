"""What befalls texts at the Twilio-shaped server and on the way to it, by the dice of a seed."""

import random
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.twilio_behaviours import Behaviour


@dataclass(frozen=True)
class Mix:
    """Shares of all POSTs and callbacks, from 0 to 1."""

    dropped_after_accept: float = 0.05
    error_after_accept: float = 0.03
    error_before: float = 0.05
    too_many: float = 0.05
    hangs: float = 0.02
    lost_callbacks: float = 0.10
    doubled_callbacks: float = 0.10
    replies: float = 0.30
    """Of texts that are answered by their patient."""


NO_FAULTS = Mix(0, 0, 0, 0, 0, 0, 0, 0)
HANG_SECONDS = 30.0
"""Longer than any call waits."""
SLOWEST_ANSWER = 0.08
"""Seconds: so that a kill often falls between the acceptance and its answer."""


class Dice:
    """`random.Random` for several threads."""

    def __init__(self, seed: int) -> None:
        self._random, self._lock = random.Random(seed), threading.Lock()

    def chance(self, share: float) -> bool:
        return self.between(0, 1) < share

    def between(self, low: float, high: float) -> float:
        with self._lock:
            return self._random.uniform(low, high)

    def shuffled(self, things: list[str]) -> list[str]:
        with self._lock:
            return self._random.sample(things, len(things))


def treated_by(mix: Mix, dice: Dice) -> Callable[[Mapping[str, str]], Behaviour]:
    """For `TwilioServer.behave`. A hang is half the time one of a text that was taken."""

    def behave(_: Mapping[str, str]) -> Behaviour:
        thrown, waits = dice.between(0, 1), dice.between(0, SLOWEST_ANSWER)
        for share, behaviour in (
            (mix.dropped_after_accept, Behaviour(answers="nothing", waits=waits)),
            (mix.error_after_accept, Behaviour(status=500, code=20500, waits=waits)),
            (mix.error_before, Behaviour(accepts=False, status=503, code=20503, waits=waits)),
            (mix.too_many, Behaviour(accepts=False, status=429, code=20429, retry_after="1")),
            (mix.hangs / 2, Behaviour(waits=HANG_SECONDS)),
            (mix.hangs / 2, Behaviour(accepts=False, waits=HANG_SECONDS, answers="nothing")),
        ):
            thrown -= share
            if thrown < 0:
                return behaviour
        return Behaviour(waits=waits)

    return behave
