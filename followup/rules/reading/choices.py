"""What a reply says about the appointment: it is confirmed, to be moved, or declined. And plain yes and no.

Of several the one that changes most counts: `yes, but can we do 3pm instead` moves it. What denies a denial (`no way
I'd miss it`) is looked for first.
"""

from dataclasses import dataclass, replace
from typing import Literal

from followup.rules.reading.folding import plain_words
from followup.rules.reading.normal import Normal, normalise
from followup.rules.reading.phrase import words_in
from followup.rules.reading.reading import Prompt, Reading
from followup.rules.reading.spoken import Said, Spoken, make_book, speak

Value = Literal["confirm", "reschedule", "decline"]

FILLERS = "just really so please then def definitely absolutely totally well ok okay pues ya si"
GROUPS = {
    "it": "it|this|that|this one|that one|the appointment|my appointment|appointment|appt|my appt|the appt|"
    "the session|my session|session|"
    "the visit|the infusion|my infusion|infusion|treatment|my treatment|la cita|mi cita|cita|la sesion|sesion|la|"
    "esa|lo|esta",
    "day": "monday|tuesday|wednesday|thursday|friday|saturday|sunday|mon|tue|tues|wed|thu|thur|thurs|fri|sat|sun|"
    "tomorrow|today|"
    "next week|next month|tonight|lunes|martes|miercoles|jueves|viernes|sabado|domingo|manana|hoy|the # (th|st|"
    "nd|rd)?|# (th|st|nd|rd)?",
}
WAYS = {
    # Denied denials come first: their words are spent.
    "confirm": """
        no way (i|we) would (miss|skip|cancel|not) ..
        (would|will|am) not (miss|missing|skip) {it}?
        (would|will) not .. miss
        can not (miss|wait) ..
        (do|will|can) not (cancel|reschedule|change|move) ..
        not (cancelling|canceling|rescheduling|missing) ..
        no (need|reason) to (reschedule|cancel|change|move) ..
        no (problem|prob|problema|hay problema|worries)
        no (me|nos) (lo|la)? (pierdo|perderia|perderemos|perdere) ..
        no (falto|faltare|fallo)
        ni (muerto|muerta|loco|loca) falto
        no changes? needed
        (i|we)? (confirm|confirmed|confirming|confirmo|confirmar|confirmada|confirmado|confirmadisimo|confirmamos|
            confirme) {it}? (for|on|para)? {day}?
        (okie|okey) (doke|dokey)
        (at|a las|at the) # (am|pm|oclock)? (sharp|then|entonces)?
        (yes|yep|yup|yeah|yea|yess|ya|ye|sure|certainly|absolutely|indeed|affirmative|roger|si|sip|claro|simon|dale|
            vale|listo|okis|okey|okie|sipi|oui|aye)
        (i|we)? (will|shall) (be|see) (there|you|yall|you all|ya|coming) ..
        (i|we) (am|are) (coming|in|there|good|all set) ..
        (still|all) (coming|comin|on|good|set|works)
        (mondays|tuesdays|wednesdays|thursdays|fridays|saturdays|{day} is) (good|fine|great|perfect|ok)
        (see|c) (you|ya|yall|u|you all|you guys) (then|there|{day})?
        (will|be) there (at #)? (on|at)? {day}?
        (i|we)? (will|shall) be there (at #|on)? {day}? (at #)?
        (that|it) (will|would) be (fine|good|great|perfect|ok|lovely)
        (works|work|good|fine|great|perfect|ok) (for|with|by) (me|us)
        (that|it|{day}|which|#) .. (works|is good|is fine|is perfect|is great|is ok|sounds good|will do|
            will be fine|s good)
        (sounds|looks) (good|great|fine|perfect)
        (perfect|perfecto|great|awesome|excellent|excelente|for sure|you bet|you got it|of course|por supuesto|
            desde luego|de acuerdo|sin falta|10 4|deal|count on it|count me in|cuente conmigo|cuenten conmigo)
        (got|have) it (on|in|down) ..
        (i|we) can (make|do) {it}
        (planning|plan) on (it|being there)
        (looking|look) forward .. (it|seeing|you|there|{day})
        (ahi|alli|alla) (estare|estaremos|voy|caigo|nos vemos|llego|estoy|estamos)
        (si|claro) .. (voy|vamos|estare|puedo|ire|asisto|asistire)
        (voy|vamos|ire|iremos|asistire|asisto|estare|estaremos|alli estare|llegare) ..
        nos vemos ..
        (dios mediante|si dios quiere|con el favor de dios|god willing|lord willing)
        (me|nos) (sirve|parece bien|queda bien|viene bien) ..
        (esta|queda) (bien|perfecto|perfecta|confirmada|confirmado)
        muero por verlos ..
        wouldn t miss ..
        (on|in) the calendar
        a las # entonces""",
    "reschedule": """
        (reschedul*|reprogram*|resched|rebook|re book)
        (can|could|may|might|would|is it possible|possible|want|need|have|like|love|prefer|rather|hoping|try*|
            please|able) .. (change|move|push|switch|shift|swap|postpone|delay|bump|slide) .. (it|day|time|date|
            appointment|appt|session|{day}|#|that|this|visit|infusion|mine|later|back|out|up|to)
        (change|move|push|switch|shift|swap|postpone|bump|delay) (it|my|the|this|that|to|day|time|date|appt|
            appointment|days|times)
        (another|different|later|earlier|other|better) (day|time|date|slot|one|spot|appointment|week|hour)
        (any|anything|what|do you have|have you|got) .. (else|other|later|earlier|openings|opening|available|
            availability|slots)
        (instead|in place of)
        (can|could|may) .. (we|i|you|it) .. (do|be|come|make it|have) .. ({day}|later|earlier|instead|morning|
            afternoon|am|pm)
        (something|things|work) (came|has come|come) up
        (does|do|will|would|that|it|{day}) not (work|do|be good|suit) ..
        (not|no longer) (able|going to be able|available) ..
        (how|what) about .. ({day}|later|earlier|another|instead|#)
        would .. ({day}|later|earlier|another|#) .. (work|do|be ok|be possible)
        might .. ({day}|another|we) .. (do|find|work)
        (kill|cancel) my .. and .. (next|another|give)
        (need|want|have|got) to (change|move|push|switch|find) ..
        (conflict|double booked|out of town)
        (cambiar|cambiarla|cambiarme|cambien|cambiamos|cambio|moverla|mover|muevan|moverme|pasarla|pasar|pasenla|
            pasen|correla|correr|correrla|posponer|posponerla|aplazar|atrasar|adelantar|postergar) ..
        (otra|otro|diferente|distinta|distinto) (fecha|dia|hora|horario|cita|momento|semana)
        (puede|podria|podrian|podemos|pueden|se puede) .. (cambi*|pas*|mov*|ser el|otro|otra|{day}|correr|mas tarde|
            mas temprano)
        (que tal|como ve) .. {day} ..
        (se me atraveso|surgio algo|me salio algo|salio un imprevisto|imprevisto)
        (necesito|quiero|quisiera|tengo que|hay que) (cambiar|mover|pasar) ..
        could (we|you|i)? do .. {day}
        (go|move|switch) from .. to ..
        (shooting|aiming|hoping) for {day} ..
        (a week|next week|week after|day after) ..
        (have|got|going) to miss ..
        push .. (week|day|hour|back)
        (puede ser|mejor) .. {day} ..
        # .. instead""",
    "hindered": """
        (can|could|might|would|will) not .. (make|come|do|get|be there|attend) .. ({it}|{day}|that|work|then|time)?
        (can|could|will|would) not (make|do|come|attend) ..
        no (puedo|podre|podremos|alcanzo|voy a poder|me da tiempo|llego|consigo) ..""",
    "decline": """
        can not confirm
        (no|nope|nah|nel|nop|n) (thanks|thank you|gracias|sir|ma am)?
        (will|am|are) not (be)? (coming|attending|going|able to come|there|going to make it|going to be there) ..
        (not|never) (coming|attending|going|interested|this time) ..
        (cancel|cancelen|cancele|cancelela|cancelenla|cancelar|cancelarla|cancelo|cancelled|canceled|cancelling|
            canceling) ..
        (do|did|would) not (want|need) .. (appointment|appt|it|session|infusion|visit|treatment|this|one|anymore|
            more) ..
        (done|finished|through) with (treatment*|ketamine|infusions|this|it)
        (taking|need|want) .. break ..
        (skip|skipping|pass|passing) (on)? {it}?
        (stopping|quitting|ending) (treatment*|infusions|ketamine)
        no (voy|ire|vamos|vengo|asistire|quiero|la quiero|gracias|quiero ir|voy a ir|me interesa) ..
        ya no (quiero|la quiero|voy|ire|necesito|me interesa) ..
        (esta vez|hoy) paso
        no to ..
        (change|changed) my mind
        decline""",
}
BOOK = make_book(WAYS, groups=GROUPS, fillers=FILLERS)
CONFIRM_WHOLE = words_in(
    "c y 1 k ok okay yes confirm confirmo s 👍 ✅ ✔ 👌 10-4 cool bet alright great perfect good fine"
)
RESCHEDULE_WHOLE = words_in("r 2 reschedule reprogramar")
DECLINE_WHOLE = words_in("n no nope nah 👎")
DATES = words_in(
    "monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun",
    "tomorrow today",
    "then date day time week lunes martes miercoles jueves viernes sabado domingo manana hoy fecha dia hora semana",
)
TAKES_BACK = words_in("but however except though although pero aunque unless only")
NEW_TIME = make_book(
    {
        "asks": """
            (can|could|may|is|would|any) .. (do|move|change|later|earlier|instead|push|another|different|possible|
                come at)
            (puede|podria|podemos|se puede|podrian) ..
            (later|earlier|instead|mas tarde|mas temprano)"""
    }
)


@dataclass(frozen=True)
class Choice:
    value: Value
    span: tuple[int, int]
    covered: frozenset[int]
    is_whole: bool = False
    """The whole reply is one word or letter that was asked for."""


def find_choice(normal: Normal, *, prompt: Prompt) -> Choice | None:
    """None where the appointment is not spoken of; a bare yes or no counts only after its question."""
    if prompt == "appointment" and (whole := _as_a_whole(normal)):
        return whole
    spoken = speak(normal, BOOK, NEW_TIME)
    said = _unspent(list(BOOK.find(spoken)))
    if prompt != "appointment":
        said = [each for each in said if _names_appointment(each, spoken)]
    value = _weigh(said, spoken)
    if value is None:
        return None
    mine = [each for each in said if each.name == value] or said
    covered = frozenset[int]().union(*(spoken.covered(each.start, each.end) for each in mine))
    return Choice(value, spoken.span(mine[0].start, mine[0].end), covered)


def yes_or_no(normal: Normal) -> Literal["yes", "no"] | None:
    """For a question that is answered so: what the first word says, if nothing after it says otherwise."""
    found = find_choice(normal, prompt="appointment")
    if found is None or found.value == "reschedule":
        return None
    return "yes" if found.value == "confirm" else "no"


def as_yes_or_no(reading: Reading, text: str) -> Reading:
    """The reading of an answer to a question of yes or no: the same level, and the word where it is one.

    What is about something worse, or about the appointment, stays what it is.
    """
    word = yes_or_no(normalise(text))
    if word is None or reading.kind not in {"unclear", "thanks"}:
        return reading
    return replace(reading, kind="choice", value=word, reasons=(f"answers {word}",), labels=("choice", *reading.labels))


def _as_a_whole(normal: Normal) -> Choice | None:
    words = plain_words(normal.raw)
    every = frozenset(range(len(normal.tokens)))
    start = len(normal.raw) - len(normal.raw.lstrip())
    span = start, len(normal.raw.rstrip())
    for value, known in (("confirm", CONFIRM_WHOLE), ("reschedule", RESCHEDULE_WHOLE), ("decline", DECLINE_WHOLE)):
        if words in known or words.rstrip("🏻🏼🏽🏾🏿️") in known:
            return Choice(value, span, every, is_whole=True)  # pyright: ignore[reportArgumentType]
    return None


def _unspent(said: list[Said]) -> list[Said]:
    """Without what lies within a longer thing said, such as the `no` in `no problem`."""
    return [
        each
        for each in said
        if not any(
            other is not each and other.start <= each.start and each.end <= other.end
            and (other.end - other.start > each.end - each.start)
            for other in said
        )
    ]  # fmt: skip


APPOINTMENT_WORDS = words_in(
    "appointment appt session infusion treatment visit reschedule rescheduled rebook cita sesion",
    "reprogramar reschedul monday tuesday wednesday thursday friday saturday sunday lunes martes miercoles",
    "jueves viernes",
)


def _names_appointment(said: Said, spoken: Spoken) -> bool:
    """Where nobody asked, an appointment must be spoken of in the same words or right beside them."""
    around = spoken.sentence.words[max(said.start - 1, 0) : said.end + 3]
    first = spoken.sentence.words[said.start]
    return said.name != "confirm" and first != "no" and any(word in APPOINTMENT_WORDS for word in around)


def _weigh(said: list[Said], spoken: Spoken) -> Value | None:
    names = {each.name for each in said}
    if "reschedule" in names:
        return "reschedule"
    if names == {"hindered"}:  # Another day may do where one is named: `can't do the 14th`.
        return "reschedule" if DATES.intersection(spoken.sentence.words) or _has_number(spoken) else "decline"
    if "confirm" in names and "decline" in names:
        first = min((each for each in said if each.name == "decline"), key=lambda each: each.start)
        confirms = [each for each in said if each.name == "confirm" and each.end - each.start > 1]
        confirms = [] if "hindered" in names else confirms
        return "confirm" if confirms and first.end - first.start == 1 and _is_bare_no(first, spoken) else "decline"
    if "decline" in names:
        return "decline"
    if "confirm" in names:
        return "reschedule" if "hindered" in names or _takes_back(spoken) else "confirm"
    return None


def _has_number(spoken: Spoken) -> bool:
    return any(token.kind == "number" for token in spoken.tokens)


def _is_bare_no(said: Said, spoken: Spoken) -> bool:
    """`No, I'll be there` says no to the other choice."""
    return spoken.sentence.words[said.start] in {"no", "nope"} and said.start == 0


def _takes_back(spoken: Spoken) -> bool:
    """`yes but can we do 3pm`."""
    words = spoken.sentence.words
    after = [nth for nth, word in enumerate(words) if word in TAKES_BACK]
    return bool(after) and any(each.start > after[0] for each in NEW_TIME.find(spoken))
