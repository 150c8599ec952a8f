"""What a reply says about the appointment, in both languages, with the decoys both ways."""

import pytest

from followup.rules.reading.choices import find_choice, yes_or_no
from followup.rules.reading.normal import normalise
from followup.rules.reading.reading import Prompt


def choice(text: str, *, prompt: Prompt = "appointment") -> str | None:
    found = find_choice(normalise(text), prompt=prompt)
    return found.value if found else None


LINES = {
    "confirm": """
        C
        c.
        Y
        yes
        Yes!
        yes please
        yep
        Yes, I'll be there
        we will be there
        I'll be there
        confirm
        CONFIRMED
        Confirmed for Tuesday
        Perfect, thx
        for sure
        you bet
        see you then
        see you monday
        sounds good
        that works
        works for me
        10-4
        👍
        ok
        OK see you Thursday
        no way I'd miss it
        wouldn't miss it
        I won't miss it
        can't wait
        no problem, I'll be there
        no need to reschedule
        please don't cancel, I'm coming
        No, I'll be there
        sí
        si claro
        claro, ahi estare
        confirmo
        Sí, confirmo mi cita
        ahí estaré
        alli nos vemos
        por supuesto
        de acuerdo
        sin falta
        perfecto, gracias
        vale
        si voy
        dale
    """,
    "reschedule": """
        R
        r.
        reschedule
        Reschedule please
        I need to reschedule
        can we reschedule?
        could we push it a week?
        Something came up, what else do you have
        yes but can we do 3pm instead
        Yes, but is there anything later?
        Can I get a different time
        I can't make it Tuesday
        I won't be able to come, any other day?
        could I come Wednesday instead
        need to move my appointment
        what about Friday?
        is there another day
        can you move me to next week
        cambiar cita por favor
        necesito cambiar la cita
        ¿puede ser otro día?
        no puedo ir el martes
        podemos moverla al jueves
        reprogramar
        se me atravesó algo, ¿otro día?
        confirmed, but could we make it later?
    """,
    "decline": """
        N
        no
        nope
        no thanks
        cancel my appt
        please cancel
        I'm not coming
        can't make it
        I won't be able to attend, my ride fell through
        I won't be coming
        I don't want the appointment
        no gracias
        no voy
        no voy a ir
        ya no quiero la cita
        cancele mi cita
        No thank you, I won't be coming
        no podre ir, cancelela por favor
    """,
}
NEITHER = ["", "7", "hello", "thanks", "what is the address", "how long does it take", "is the doctor in today", "huh?"]


@pytest.mark.parametrize(
    ("text", "value"), [(line.strip(), value) for value, lines in LINES.items() for line in lines.strip().splitlines()]
)
def test_a_reminder_is_answered(text: str, value: str) -> None:
    assert choice(text) == value


@pytest.mark.parametrize("text", NEITHER)
def test_what_does_not_speak_of_the_appointment_is_no_choice(text: str) -> None:
    assert choice(text) is None


@pytest.mark.parametrize("prompt", ["mood", "same_day", "none"])
@pytest.mark.parametrize("text", ["yes", "no", "ok", "C", "R", "sounds good", "can't wait", "perfect", "voy"])
def test_a_yes_that_nobody_asked_for_confirms_nothing(text: str, prompt: Prompt) -> None:
    assert choice(text, prompt=prompt) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("I need to reschedule my appointment", "reschedule"),
        ("please cancel my appointment", "decline"),
        ("can we move my session to friday", "reschedule"),
        ("quiero cambiar mi cita", "reschedule"),
    ],
)
def test_an_appointment_may_be_moved_without_being_asked(text: str, value: str) -> None:
    assert choice(text, prompt="none") == value


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("yes", "yes"),
        ("Yep!", "yes"),
        ("sí", "yes"),
        ("no", "no"),
        ("Nope", "no"),
        ("no gracias", "no"),
        ("maybe", None),
    ],
)
def test_yes_and_no(text: str, says: str | None) -> None:
    assert yes_or_no(normalise(text)) == says


def test_the_words_are_shown() -> None:
    text = "Hi! I'd like to reschedule, thanks"
    found = find_choice(normalise(text), prompt="appointment")

    assert found is not None
    assert "reschedule" in text[found.span[0] : found.span[1]]
