"""What no text may say, what every plan must say, and which questions could be mixed up."""

from typing import Any

import pytest

from followup.rules.schedule import ScheduleMistake
from followup.rules.schedule_checks import check_schedule, fault_of_words, revealing
from tests.rules.schedules import MOOD, SAFE, SAME_DAY, plain, small

REVEALS = revealing(["ketamin", "infusi", "inyecci", "depress", "psico", "nerve block"])
SAID = {"en": "{clinic}: rest well."}
UNSAFE = {"en": "{clinic}: how is your mood from 0 to 10?"}
TIP: dict[str, Any] = {"name": "tip", "days_after": 1, "at": "12:00", "use_by": "8h", "text": SAID}
REMIND: dict[str, Any] = {
    "name": "reminder",
    "days_before_appointment": 1,
    "at": "10:00",
    "use_by": "2h",
    "prompt": "appointment",
    "text": {"en": f"{{clinic}}: your visit is {{time}}. Reply C or R. {SAFE}"},
}
COMPANION = TIP | {"name": "driver", "to": "companion"}
PATIENTLY = {"answer_within": "24h"}


def check(*steps: dict[str, Any], **changes: Any) -> None:
    check_schedule(small(*steps, **changes), file="small.toml", reveals=REVEALS)


def refused(*steps: dict[str, Any], **changes: Any) -> ScheduleMistake:
    with pytest.raises(ScheduleMistake) as caught:
        check(*steps, **changes)
    return caught.value


# One text ----------------------------------------------------------------------------------------------------

WRONG = [
    pytest.param("Hi {nickname}. " + SAFE, "no token {nickname}", id="a token that does not exist"),
    pytest.param("Hi {first name}. " + SAFE, "a brace", id="a token with a blank"),
    pytest.param("Hi {first_name. " + SAFE, "a brace", id="a token that is not closed"),
    pytest.param("Hi {last_name}. " + SAFE, "{last_name}: a full name never stands", id="a full name"),
    pytest.param("Hi {name}. " + SAFE, "{name}: a full name never stands", id="a name that may be the full one"),
    pytest.param("Born {birth_date}? " + SAFE, "{birth_date}: a date of birth never stands", id="a date of birth"),
    pytest.param("You said {score}. " + SAFE, "{score}: what the patient answered never stands", id="a score"),
    pytest.param("Your ketamine visit? " + SAFE, "'ketamin' reveals", id="the treatment"),
    pytest.param("Your Infusion? " + SAFE, "'Infusi' reveals", id="the treatment in other words"),
    pytest.param("Your nerve block? " + SAFE, "'nerve block' reveals", id="the treatment in two words"),
    pytest.param("Su inyección? " + SAFE, "'inyecci' reveals", id="the treatment in Spanish"),
    pytest.param("Su psicóloga? " + SAFE, "'psico' reveals", id="the treatment with an accent"),
    pytest.param("Your DEPRESSION? " + SAFE, "'DEPRESS' reveals", id="a diagnosis"),
    pytest.param("Your last score was low. " + SAFE, "'Your last score' echoes", id="a score in words"),
    pytest.param("You said it was hard. " + SAFE, "'You said' echoes", id="what the patient said"),
    pytest.param("You told us of pain. " + SAFE, "'You told us' echoes", id="what the patient told"),
    pytest.param("Su respuesta fue baja. " + SAFE, "'Su respuesta fue' echoes", id="an answer in Spanish"),
    pytest.param("Usted dijo que no. " + SAFE, "'Usted dijo' echoes", id="what the patient said in Spanish"),
    pytest.param("Born 4/1/1980? " + SAFE, "'4/1/1980' may be a date of birth", id="a day in figures"),
    pytest.param("Born 04/01/80? " + SAFE, "'04/01/80' may be a date of birth", id="a day in short figures"),
    pytest.param("What is your date of birth? " + SAFE, "may be a date of birth", id="asked for the date of birth"),
    pytest.param("Su fecha de nacimiento? " + SAFE, "may be a date of birth", id="asked for it in Spanish"),
    pytest.param("Reply YES if well. " + SAFE, "asks for 'YES'", id="a carrier's opt-in word"),
    pytest.param("Respond yes if well. " + SAFE, "asks for 'yes'", id="a carrier's word after respond"),
    pytest.param("Reply: start. " + SAFE, "asks for 'start'", id="a carrier's word after a colon"),
    pytest.param("Please type end. " + SAFE, "asks for 'end'", id="a carrier's word that is typed"),
    pytest.param("Escriba info. " + SAFE, "asks for 'info'", id="a carrier's word in Spanish"),
    pytest.param("Reply C to confirm or CANCEL to cancel. " + SAFE, "asks for 'CANCEL'", id="a carrier's second word"),
    pytest.param("C: confirm. QUIT: no more. " + SAFE, "asks for 'QUIT'", id="a carrier's word in capitals anywhere"),
    pytest.param("Text HELP for more. " + SAFE, "asks for 'HELP'", id="a carrier's help word"),
    pytest.param("Reply with 'cancel' to move it. " + SAFE, "asks for 'cancel'", id="a carrier's opt-out word"),
    pytest.param("Responda con START. " + SAFE, "asks for 'START'", id="a carrier's word after con"),
    pytest.param("Responda STOP. " + SAFE, "asks for 'STOP'", id="STOP that does not say what it does"),
    pytest.param("Reply STOP to cancel your visit. " + SAFE, "asks for 'STOP'", id="STOP that does something else"),
    pytest.param(
        "Reply STOP to end texts, reply YES to confirm. " + SAFE, "asks for 'YES'", id="a carrier's word after STOP"
    ),
    pytest.param("How are you? " * 20 + SAFE, "segments", id="too long"),
    pytest.param("¿Cómo está? " * 5 + SAFE, "UCS-2", id="too long because of an accent"),
]


@pytest.mark.parametrize(("text", "words"), WRONG)
def test_a_text_that_must_not_leave_is_refused(text: str, words: str) -> None:
    found = refused(MOOD | {"text": {"en": text}})

    assert (found.file, found.step, found.key) == ("small.toml", "next-day mood", "text.en")
    assert words in str(found)


HARMLESS = [
    pytest.param("{clinic}: your visit is {time}.", id="a text that asks nothing names no crisis line"),
    pytest.param("{clinic}: reply STOP to end texts.", id="STOP that says what it does"),
    pytest.param("{clinic}: reply 'STOP' to stop texts.", id="STOP in quotation marks"),
    pytest.param("{clinic}: responda STOP para dejar de recibir.", id="STOP in Spanish"),
    pytest.param("{clinic}: reply C to confirm or R to reschedule.", id="words that carriers leave alone"),
    pytest.param("{clinic}: reply Y for a ride, N for none.", id="a letter for yes"),
    pytest.param("{clinic}: we can help, and yes, visits end at 5.", id="a carrier's words as plain words"),
    pytest.param("{clinic}: read 24/7? No: {hours}.", id="24/7 is no date"),
    pytest.param("{clinic}: {first_name}, {session_day}, {ended}, {usual_until}, {clinic_phone}", id="every token"),
]


@pytest.mark.parametrize("text", HARMLESS)
def test_a_text_that_does_no_harm_passes(text: str) -> None:
    check(TIP | {"text": {"en": text}})


def test_every_text_of_a_step_is_checked() -> None:
    wrong = {"en": "Reply YES."}

    assert refused(MOOD | {"text": MOOD["text"] | {"es": "Su infusion?"}}).key == "text.es"
    assert refused(SAME_DAY | {"text_without_question": wrong}).key == "text_without_question.en"
    assert refused(TIP | {"text_discreet": wrong}).key == "text_discreet.en"
    assert refused(MOOD | {"nudge": {"after": "4h", "text": wrong}}).key == "nudge.text.en"


@pytest.mark.parametrize("token", ["first_name", "clinic"])
def test_a_discreet_text_names_neither_patient_nor_clinic(token: str) -> None:
    found = refused(TIP | {"text_discreet": {"en": f"{{{token}}}: rest well."}})

    assert (found.step, found.key) == ("tip", "text_discreet.en")
    assert f"{{{token}}} in a text for those who want neither name" in str(found)


def test_every_text_to_a_companion_says_how_to_end_them() -> None:
    check(COMPANION | {"text": {"en": "{clinic}: please stay. Reply STOP to end texts."}})

    found = refused(COMPANION | {"text": {"en": "{clinic}: please stay the night."}})

    assert (found.step, found.key) == ("driver", "text.en")
    assert "does not say how to end texts" in str(found)


def test_what_reveals_may_stand_where_the_clinic_said_so_in_writing_and_in_that_step_only() -> None:
    says = {"en": "{clinic}: after your infusion, rest."}
    allowed = TIP | {"text": says, "discretion_off": "Dr Lee, 2026-11-01: patients asked for it."}
    check(allowed)

    assert "reveals" in str(refused(allowed, TIP | {"name": "other", "text": says}))
    assert "may be a date of birth" in str(refused(allowed | {"text": {"en": "Born 4/1/1980."}}))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("{nickname}, reply STOP to end texts.", "no token {nickname}", id="a token that does not exist"),
        pytest.param("Reply HELP for help.", "asks for 'HELP'", id="a carrier's word"),
        pytest.param("About your infusion.", "reveals", id="the treatment"),
    ],
)
def test_the_words_of_the_first_text_are_checked_too(text: str, words: str) -> None:
    found = refused(MOOD, first_text={"en": text})

    assert (found.step, found.key, words in str(found)) == (None, "first_text.en", True)


def test_the_words_of_the_first_text_count_towards_the_length_of_what_a_patient_gets() -> None:
    long, words = MOOD | {"text": {"en": "How are you? " * 13 + SAFE}}, {"en": "Reply STOP to end texts. " * 5}
    check(long)
    check(COMPANION | {"text": {"en": "Please stay the night. " * 11 + "Reply STOP to end texts."}}, first_text=words)

    assert "segments" in str(refused(long, first_text=words))


def test_without_a_list_only_what_reveals_may_stand() -> None:
    assert fault_of_words("After your infusion.", None) is None
    assert fault_of_words("After your infusion.", REVEALS) is not None
    assert fault_of_words("Reply YES.", None) is not None


def test_an_empty_list_reveals_nothing() -> None:
    assert fault_of_words("{clinic}: rest well.", revealing([])) is None


# Who reads, and whom to call ---------------------------------------------------------------------------------

SILENT = [
    pytest.param("How are you? Texts are not monitored 24/7. 911.", "911 and 988", id="no crisis line"),
    pytest.param("How are you? Texts are not monitored 24/7. 988.", "911 and 988", id="no emergency number"),
    pytest.param("How are you? Emergency: 911. Crisis: 988.", "not monitored 24/7", id="it does not say who reads"),
]


@pytest.mark.parametrize(("text", "words"), SILENT)
def test_a_question_says_who_reads_and_whom_to_call(text: str, words: str) -> None:
    found = refused(MOOD | {"text": {"en": text}})

    assert (found.step, found.key) == ("next-day mood", "text.en")
    assert words in str(found)
    check(TIP | {"text": {"en": text}})


def test_a_question_in_spanish_says_it_in_spanish() -> None:
    spanish = "{clinic}: y su animo? No se leen las 24 horas. 911, 988."
    check(MOOD | {"text": MOOD["text"] | {"es": spanish}})

    assert refused(MOOD | {"text": MOOD["text"] | {"es": "Hola"}}).key == "text.es"


@pytest.mark.parametrize(
    ("day", "is_refused"), [pytest.param(8, False, id="a week later"), pytest.param(9, True, id="longer")]
)
def test_a_question_soon_after_one_that_says_it_need_not(day: int, is_refused: bool) -> None:
    later = MOOD | {"name": "later mood", "days_after": day, "text": UNSAFE}
    if not is_refused:
        check(MOOD, later)
        return

    assert refused(MOOD, later).step == "later mood"


def test_it_is_the_plan_that_counts_and_not_the_order_in_the_file() -> None:
    later = MOOD | {"name": "later mood", "days_after": 3, "text": UNSAFE}
    check(later, MOOD)

    assert refused(MOOD | {"text": UNSAFE}, later | {"text": MOOD["text"]}).step == "next-day mood"


def test_a_question_without_it_must_be_preceded_in_every_plan_that_it_is_in() -> None:
    later = MOOD | {"name": "later mood", "days_after": 3, "text": UNSAFE}
    for first in ({"session": "first"}, {"session": "later"}, {"session": "last"}, {"phase": "induction"}):
        assert refused(MOOD | first, later).step == "later mood"
    assert refused(MOOD | {"for_kinds": ["small"]}, later, for_kinds=["small", "large"]).step == "later mood"
    assert refused(MOOD, later, MOOD | {"name": "x", "from_session": 30, "days_after": 20, "text": UNSAFE}).step == "x"


def test_what_precedes_it_may_not_hang_on_an_answer() -> None:
    later = MOOD | {"name": "later mood", "days_after": 9, "text": UNSAFE}
    nudged = MOOD | {"nudge": {"after": "3d", "text": MOOD["text"]}}
    if_low = MOOD | {"name": "if low", "days_after": 4, "if": {"step": "next-day mood", "score_at_most": 3}}

    assert refused(nudged, later).step == "later mood"
    assert refused(MOOD, if_low, later).step == "later mood"


def test_what_stands_in_for_a_check_in_says_it_itself() -> None:
    stand_in = MOOD | {"name": "morning", "at": "09:00", "instead_of": "same-day check-in", "text": UNSAFE}

    assert refused(SAME_DAY, stand_in).step == "morning"


def test_a_reminder_of_a_first_visit_is_preceded_by_nothing() -> None:
    reminder = REMIND | {"text": {"en": "{clinic}: your visit is {time}. Reply C or R."}}
    weekly = MOOD | {"name": "mood", "every": "7d", "until_day": 84}

    assert refused(weekly, reminder).step == "reminder"


def test_a_discreet_question_says_it_too() -> None:
    found = refused(MOOD | {"text_discreet": {"en": "How is your mood from 0 to 10?"}})

    assert (found.step, found.key) == ("next-day mood", "text_discreet.en")


def test_a_nudge_says_it_or_its_question_does() -> None:
    nudge = {"after": "4h", "text": UNSAFE}
    check(MOOD | {"nudge": nudge})

    found = refused(MOOD, MOOD | {"name": "later mood", "days_after": 8, "text": UNSAFE, "nudge": nudge})

    assert (found.step, found.key) == ("later mood", "nudge.text.en")


# Two questions for one reply ---------------------------------------------------------------------------------

ALIKE = [
    pytest.param(MOOD, MOOD | {"name": "second", "days_after": 2}, "a number", id="two scores"),
    pytest.param(MOOD, MOOD | {"name": "second", "at": "15:00", "ask": "pain"}, "a number", id="a score and pain"),
    pytest.param(MOOD | {"ask": "phq2"}, MOOD | {"name": "second", "at": "15:00"}, "a number", id="PHQ-2 and a score"),
    pytest.param(SAME_DAY, MOOD | {"name": "second", "prompt": "same_day"}, "words", id="words twice"),
    pytest.param(
        MOOD | {"prompt": "same_day", "ask": "yes_no"},
        REMIND | {"name": "second", "days_before_appointment": 7},
        "a choice",
        id="yes or no and a visit",
    ),
]


@pytest.mark.parametrize(("first", "second", "kind"), ALIKE)
def test_two_questions_that_one_reply_could_answer_are_refused(
    first: dict[str, Any], second: dict[str, Any], kind: str
) -> None:
    found = refused(first, second)

    assert (found.step, found.key) == ("second", "answer_within")
    assert f"{kind} could answer it or {first['name']!r}" in str(found)


APART = [
    pytest.param(MOOD, MOOD | {"name": "second", "days_after": 3}, id="two days apart"),
    pytest.param(MOOD | PATIENTLY, MOOD | {"name": "second", "days_after": 2}, id="the first waits a day only"),
    pytest.param(MOOD, SAME_DAY, id="a number and words"),
    pytest.param(MOOD, REMIND | {"days_before_appointment": 7}, id="a number and a choice"),
    pytest.param(MOOD, TIP | {"days_after": 2}, id="a number, and what asks nothing"),
    pytest.param(
        MOOD | {"phase": "induction"}, MOOD | {"name": "second", "phase": "maintenance"}, id="never in one plan"
    ),
    pytest.param(
        MOOD | {"for_kinds": ["small"]}, MOOD | {"name": "second", "for_kinds": ["large"]}, id="never for one kind"
    ),
]


@pytest.mark.parametrize(("first", "second"), APART)
def test_questions_that_no_reply_could_mix_up_pass(first: dict[str, Any], second: dict[str, Any]) -> None:
    check(first, second, for_kinds=["small", "large"])


def test_a_series_closer_than_its_window_is_refused() -> None:
    series = MOOD | {"name": "mood", "every": "1d", "until_day": 3}
    check(series | PATIENTLY)

    assert refused(series).step == "mood"


def test_the_patients_own_hour_may_bring_two_questions_together() -> None:
    second = MOOD | {"name": "second", "days_after": 2}
    check(MOOD | PATIENTLY, second)

    assert refused(MOOD | PATIENTLY | {"at_own_hour": True}, second).step == "second"


def test_the_plain_schedule_passes() -> None:
    check_schedule(plain(), file="ketamine_infusion.toml", reveals=REVEALS)
