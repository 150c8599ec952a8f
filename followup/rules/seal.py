"""One patient, one number, one text: what was rendered together leaves together or not at all."""

import hashlib

SEPARATOR = "\x1f"


def seal_of(patient: str, number: str, text: str) -> str:
    """A hash of the three. `patient` is empty for texts that go to nobody's record, such as pages."""
    return hashlib.sha256(SEPARATOR.join((patient, number, text)).encode()).hexdigest()
