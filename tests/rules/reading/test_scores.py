"""Which number of a reply is the score, and where there is none."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from followup.rules.reading.normal import normalise
from followup.rules.reading.numbers import NUMBER_WORDS, number_word
from followup.rules.reading.reading import Prompt
from followup.rules.reading.scores import Score, find_score
from tests.rules.reading.score_lines import NONE, ODD


def score(text: str, *, prompt: Prompt = "mood", highest: int = 10) -> Score | None:
    return find_score(normalise(text), prompt=prompt, highest=highest)


def value(text: str, *, prompt: Prompt = "mood", highest: int = 10) -> float | None:
    found = score(text, prompt=prompt, highest=highest)
    return found.number if found else None


RATINGS = {
    "7": 7,
    "seven": 7,
    "Seven.": 7,
    "7/10": 7,
    "7 / 10": 7,
    "7 out of 10": 7,
    "seven out of ten": 7,
    "7 thanks": 7,
    "7, thank you": 7,
    "7!!!": 7,
    "(7)": 7,
    "“7”": 7,
    "７": 7,
    "6️⃣": 6,
    "🔟": 10,
    "⑦": 7,
    "10": 10,
    "10/10": 10,
    "ten": 10,
    "TEN 🎉": 10,
    "zero": 0,
    "0": 0,
    "Zero, if that's allowed.": 0,
    "solid 7": 7,
    "a solid 7": 7,
    "like a 4 ish": 4,
    "7ish": 7,
    "about a 6": 6,
    "around 6": 6,
    "maybe 5?": 5,
    "i guess 5": 5,
    "id say a 5": 5,
    "I'd say 5": 5,
    "it's a 5": 5,
    "its a 5 today": 5,
    "I'm at a 6": 6,
    "im at 6": 6,
    "feeling like a 6": 6,
    "I feel like a 3 today": 3,
    "probably a 6 this morning": 6,
    "honestly seven out of 10": 7,
    "mood is 4": 4,
    "mood: 4": 4,
    "Mood - 4": 4,
    "mood 4": 4,
    "my mood today is about a 4": 4,
    "4 for mood": 4,
    "today: 8": 8,
    "Today is a 6": 6,
    "6 today": 6,
    "6 right now": 6,
    "strong 6": 6,
    "low 3": 3,
    "sitting at a 5": 5,
    "call it 4": 4,
    "eigth": 8,
    "sevn": 7,
    "thre e": None,
    "threee": 3,
    "hi, 6": 6,
    "Good morning! 6": 6,
    "ok 6": 6,
    "6. Slept badly": 6,
    "6 but tired": 6,
    "6 slept badly": 6,
    "6 and a headache": 6,
    "6 with a bit of nausea": 6,
    "5 because my back hurts": 5,
    "7, dog is happy too": 7,
    "somewhere around a 5 I think": 5,
    "I'm a five.": 5,
    "5 (five)": 5,
    "8 🙂": 8,
    "8 👍🏽": 8,
    "Still a 4": 4,
    "back to a 4": 4,
    "down to a 3": 3,
    "up to 6!": 6,
    "Doing better, 7": 7,
    "not bad, 7": 7,
    "not great, 4": 4,
    "no change. 4": 4,
    "a 7 i think": 7,
    "7 i think": 7,
    "Rate it a 6": 6,
    "I would rate it at 6": 6,
    "score 6": 6,
    "my score is 6": 6,
    "put me down for a 6": 6,
    "gonna go with 6": 6,
    "un 6": 6,
    "como un 6": 6,
    "Un seis.": 6,
    "seis": 6,
    "diez": 10,
    "cero": 0,
    "nada. cero": 0,
    "hoy un 7": 7,
    "hoy 7": 7,
    "le doy un 8": 8,
    "8 de 10": 8,
    "ocho sobre diez": 8,
    "ando en 5": 5,
    "estoy en un 5": 5,
    "ánimo 4": 4,
    "mi ánimo está en 4": 4,
    "me siento como un 6": 6,
    "mas o menos un 6": 6,
    "un 7 gracias": 7,
    "7 gracias a Dios": 7,
    "creo que un 7": 7,
    "diría que 5": 5,
    "sinco": 5,
    "quatro": 4,
    "ando por el 4": 4,
    "7 pero cansado": 7,
    "de ánimo un 6, de dolor un 3": 6,
    "buenos días, un 7": 7,
    "ahorita un 7": 7,
}
HALVES = {
    "6.5": 6.5,
    "6,5": 6.5,
    "6½": 6.5,
    "6 1/2": 6.5,
    "six and a half": 6.5,
    "6 and a half": 6.5,
    "6 n a half": 6.5,
    "seis y medio": 6.5,
    "6 y media": 6.5,
    "siete coma cinco": 7.5,
    "seven point five": 7.5,
    "6.5/10": 6.5,
    "a 6.5 today": 6.5,
    "½": 0.5,
}
RANGES = {
    "3-4": (3.5, 3),
    "3 - 4": (3.5, 3),
    "4 or 5": (4.5, 4),
    "4 to 5": (4.5, 4),
    "5 or 4": (4.5, 4),
    "between 6 and 7": (6.5, 6),
    "somewhere between 6 and 7": (6.5, 6),
    "entre 6 y 7": (6.5, 6),
    "6 o 7": (6.5, 6),
    "un 5 o un 6": (5.5, 5),
    "7-8/10": (7.5, 7),
    "2 maybe 3": (2.5, 2),
    "three or four": (3.5, 3),
    "3–5": (4, 3),
    "a 6 or a 7": (6.5, 6),
    "like a 6, maybe 7": (6.5, 6),
    "6 to 7 today": (6.5, 6),
    "1 or 2": (1.5, 1),
}
SEVERAL = {
    "yesterday 2, now 4": 4,
    "now 4, yesterday 2": 4,
    "was a 3 yesterday, 5 today": 5,
    "ayer 3, hoy 5": 5,
    "hoy 3, ayer era 6": 3,
    "up from 3 to 5": 5,
    "went from a 3 to a 5": 5,
    "subí de 4 a 6": 6,
    "down from 7 to 4": 4,
    "anxiety 7, mood 5": 5,
    "mood 5, anxiety 7": 5,
    "mood 4, headache 2, dinner 9": 4,
    "pain 3 mood 6": 6,
    "Anxiety: 7. Mood: 5.": 5,
    "sleep 3 mood 4 energy 2": 4,
    "ansiedad 7, ánimo 5": 5,
    "5 for mood, 8 for anxiety": 5,
    "woke up at 6am, mood around 7": 7,
    "wouldn't say 9 but definitely 7": 7,
    "not quite a 5. call it 4": 4,
    "session 2 of 6 yesterday, feeling 6": 6,
    "9 to 5 wiped me out. 4": 4,
    "first day I felt like an 8": 8,
    "it's a 2 today but I have my therapist at 3": 2,
    "slept 5 hours. 4": 4,
    "Took 2 tylenol. 6": 6,
    "6 no wait 5": 5,
    "6. Sorry, 5": 5,
    "6, actually 5": 5,
    "6 I mean 5": 5,
    "un 5, no, miento, 4": 4,
    "shooting for a 6, today a 5": 5,
    "I was hoping for 8. 5 though": 5,
    "wife says 7. I say 5": 5,
    "5 in the morning, 7 now": 7,
    "7, see you at 3pm": 7,
    "8 this morning, 5 tonight": 5,
    "10. I know nobody says ten. Ten.": 10,
    "7. Got 8 hours of sleep!": 7,
    "8. appointment at 10:30 right?": 8,
    "took the 50 mg, mood 6": 6,
    "bp 120/80, mood 7": 7,
    "7. call 602-555-0134": 7,
}
NOTHING = [
    "", "   ", "...", "🙂", "⭐⭐⭐⭐", "about the same", "not sure", "even worse", "won the day", "for sure", "none",
    "ate",
    "15", "11/10", "-3", "minus 2", "menos 2", "07", "100", "100%", "50%", "50 percent", "3/5", "3/5 stars", "4 stars",
    "2 of 6", "session 3", "infusion #4", "#7", "7th", "the 7th", "1st", "day 3", "week 4", "room 6", "apt 5",
    "at 3", "at 3 today", "by 5", "after 6", "until 7", "a las 7", "7pm", "7 pm", "7:30", "7.30pm", "7 o'clock",
    "in 10",
    "10-4", "9 to 5", "24/7", "7-10", "2-8", "7 7", "5 6", "7 8 9", "602-555-0134", "555 0134", "120/80", "bp 120/80",
    "190 over 110", "2 hours of sleep", "slept 5", "slept 5 hours", "dormí 4", "4 hours", "2 pills", "took 2", "50mg",
    "took 2 tylenol", "3 kids", "I have 3 dogs", "2 more to go", "3 times", "twice", "once", "5 days", "2 weeks ago",
    "I'm 71", "I am 71 years old", "7/10/26", "on 7/10", "5/12", "anxiety 7", "pain 4", "pain is a 4", "my back is a 6",
    "headache 3/10", "depression 7", "dolor 8", "ansiedad de 7", "yesterday 4", "was a 4 last week", "ayer 5",
    "not a 7",
    "more than 5", "less than 3", "under 4", "más de 5", "wish it was an 8", "hoping for a 6", "no one", "not one bit",
    "one thing: I'm tired", "this one is hard", "the other one", "ten cuidado", "once", "there", "these", "siente",
    "nuevo", "cuarto", "tree", "to", "too", "won", "is 7 good?", "is 0 the best?", "¿10 es lo mejor?", "0 or 10?",
    "do I send 5 or 6?", "mood", "six seven", "7 or so hours", "seventy", "twenty five", "2nd day", "<3", "love you <3",
    "b12", "covid19", "$5", "5 bucks", "wife says 6", "he is a 4", "mi esposo dice 6", "8 de mayo", "el 8", "the 8th",
    "vitamin d 5", "1,000", "6²", "VII", "7.25", "half", "a dozen", "couple", "3 panic attacks", "5 more minutes",
    "sugar was 6 this morning", "walked 2 miles", "up 3 times", "woke at 5", "en 10 te contesto", "apto 5",
    "tengo 8 meses", "pulse 72", "36.6", "98.6", "code 4417", "tengo 3 hijos", "me tomé 2", "a 5 minute walk",
    "7 days since", "it takes 5 to 10", "from 3 to 5", "de 3 a 5", "mood is not a 7", "9 or 3",
]  # fmt: skip


@pytest.mark.parametrize(("text", "wanted"), RATINGS.items(), ids=RATINGS)
def test_a_rating_is_read_however_it_is_put(text: str, wanted: float | None) -> None:
    assert value(text) == wanted


@pytest.mark.parametrize(("text", "wanted"), ODD.items(), ids=ODD)
def test_a_rating_is_read_however_oddly_it_is_put(text: str, wanted: float) -> None:
    assert value(text) == wanted


@pytest.mark.parametrize("text", [line.strip() for line in NONE.strip().splitlines()])
def test_a_number_that_may_be_something_else_is_no_score(text: str) -> None:
    assert value(text) is None


@pytest.mark.parametrize(("text", "wanted"), HALVES.items(), ids=HALVES)
def test_a_half_is_a_half(text: str, wanted: float) -> None:
    assert value(text) == wanted


@pytest.mark.parametrize(("text", "wanted"), RANGES.items(), ids=RANGES)
def test_a_range_has_a_midpoint_for_the_curve_and_a_low_end_for_alarms(text: str, wanted: tuple[float, float]) -> None:
    found = score(text)

    assert found is not None
    assert (found.value, found.low) == wanted


@pytest.mark.parametrize(("text", "wanted"), SEVERAL.items(), ids=SEVERAL)
def test_of_several_numbers_the_one_of_the_mood_now_counts(text: str, wanted: float) -> None:
    assert value(text) == wanted


@pytest.mark.parametrize("text", NOTHING)
@pytest.mark.parametrize("prompt", ["mood", "same_day"])
def test_what_may_be_something_else_is_no_score(text: str, prompt: Prompt) -> None:
    assert value(text, prompt=prompt) is None


@pytest.mark.parametrize("prompt", ["appointment", "none"])
@pytest.mark.parametrize("text", ["7", "seven", "7/10", "mood 7"])
def test_a_number_answers_only_the_question_that_was_asked(text: str, prompt: Prompt) -> None:
    assert value(text, prompt=prompt) is None


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("7", 7),
        ("7/10", 7),
        ("mood 4, headache 2", 4),
        ("8. I felt like I was floating", 8),
        ("I'd put it at 6. Tired", 6),
        ("6 but a bit queasy", 6),
        ("Home at last. 6", None),
        ("threw up, then 5", None),
        ("better since 4", None),
    ],
)
def test_where_no_number_was_asked_for_only_a_plain_rating_is_one(text: str, wanted: float | None) -> None:
    assert value(text, prompt="same_day") == wanted


@pytest.mark.parametrize(
    ("text", "wanted"), [("3", 3), ("2/3", 2), ("three", 3), ("4", None), ("7", None), ("2/10", None), ("0", 0)]
)
def test_a_shorter_scale_has_its_own_end(text: str, wanted: float | None) -> None:
    assert value(text, highest=3) == wanted


def test_what_it_was_before_is_kept() -> None:
    found = score("yesterday 7, now 3")

    assert found is not None
    assert (found.value, found.earlier) == (3, 7)


def test_the_place_of_the_number_is_shown() -> None:
    text = "Hi there! I’d say a 6½ today"
    found = score(text)

    assert found is not None
    assert text[found.span[0] : found.span[1]] == "6½"


@pytest.mark.parametrize(
    "word", ["even", "for", "tree", "none", "won", "to", "ate", "fix", "sex", "tin", "nice", "fie"]
)
def test_a_short_word_is_never_taken_for_a_number(word: str) -> None:
    assert number_word(word) is None


@settings(deadline=None, derandomize=True, database=None, max_examples=300)
@given(
    number=st.sampled_from([*map(str, range(11)), *(word for word, n in NUMBER_WORDS.items() if n <= 10 and n != 1)]),
    before=st.sampled_from(["", "a ", "about ", "maybe a ", "I'd say ", "un ", "solid ", "  "]),
    after=st.sampled_from(["", "!", ".", " thanks", " 🙂", "\n", " today", "/10", " out of 10"]),
    shout=st.booleans(),
)
def test_whatever_stands_around_a_plain_rating_it_is_read(number: str, before: str, after: str, shout: bool) -> None:
    text = before + number + after
    wanted = int(number) if number.isdecimal() else NUMBER_WORDS[number]

    assert value(text.upper() if shout else text) == wanted


@settings(deadline=None, derandomize=True, database=None, max_examples=400)
@given(
    text=st.text(max_size=120)
    | st.lists(
        st.sampled_from(
            [
                "7",
                "5",
                "10",
                "3",
                "/",
                "-",
                ".",
                ",",
                "mood",
                "was",
                "not",
                "at",
                "of",
                "hours",
                "yesterday",
                "½",
                "🔟",
                "and",
                "half",
                ":",
                "?",
                "am",
            ]
        )
    ).map(" ".join),
    prompt=st.sampled_from(["mood", "same_day"]),
)
def test_a_score_is_never_invented(text: str, prompt: Prompt) -> None:
    found = score(text, prompt=prompt)

    if found is None:
        return
    assert 0 <= found.low <= found.value <= 10
    said = normalise(text[found.span[0] : found.span[1]])
    assert any(
        token.kind == "number" or number_word(token.word) is not None or token.word in "🔟½⁄" for token in said.tokens
    )
