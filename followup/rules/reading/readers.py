"""What the readers of replies know, as one value; what is missing is None, and no reply is routine without it."""

from dataclasses import dataclass

from followup.rules.reading.danger_words import Grammar
from followup.rules.reading.second_reader import SecondReader
from followup.rules.reading.side_effect_words import SideEffectWords


@dataclass(frozen=True)
class Readers:
    danger: Grammar | None
    second: SecondReader | None
    side_effects: SideEffectWords | None

    @property
    def missing(self) -> tuple[str, ...]:
        """The names of those whose file is missing or cannot be used."""
        named = (("danger words", self.danger), ("second reader", self.second), ("side effects", self.side_effects))
        return tuple(name for name, reader in named if reader is None)


NO_READERS = Readers(danger=None, second=None, side_effects=None)
"""For where nothing could be loaded: every reply is a concern."""
