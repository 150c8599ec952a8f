"""What else a reply may say: a call for help, a question, thanks, somebody else who answers, news that it is worse."""

from dataclasses import dataclass
from typing import Literal

from followup.rules.reading.normal import Normal
from followup.rules.reading.phrase import words_in
from followup.rules.reading.spoken import Said, Spoken, make_book, speak

Request = Literal["call_at_once", "call_me", "help", "question", "somebody_else", "texts_again", "worse", "thanks"]

GROUPS = {
    "whoever": "someone|somebody|anyone|anybody|a nurse|the nurse|nurse|a doctor|the doctor|doctor|dr|a person|"
    "a human|a real person|"
    "a live person|real person|staff|a therapist|my therapist|therapist|the clinic|on call|crisis line|"
    "alguien|una enfermera|la enfermera|un doctor|el doctor|la doctora|una persona|un humano|enfermera",
    "relation": "mom|mother|mum|dad|father|wife|husband|partner|boyfriend|girlfriend|fiance|fiancee|son|daughter|"
    "sister|brother|roommate|"
    "friend|caregiver|carer|caretaker|spouse|parent|aunt|uncle|grandmother|grandma|grandson|neighbor|moms|hubby|"
    "mama|mami|madre|papa|papi|padre|esposa|esposo|marido|mujer|hijo|hija|hermana|hermano|novia|novio|amiga|amigo|"
    "pareja|suegra|cunada|cunado|tia|tio|abuela|vecina|nuera|yerno",
    "now": "asap|right away|now|right now|urgent|urgently|emergency|immediately|quick|quickly|soon as|hurry|"
    "at once|this minute|"
    "urgente|urgentemente|ahora mismo|ya|cuanto antes|inmediatamente|emergencia|lo antes posible|rapido|pronto",
}
WAYS = {
    "call_at_once": """
        (call|phone|ring|telephone) (me|us|my|her|him|back) .. {now}
        (have|get|ask|tell|want|need) .. {whoever} .. (call|phone|ring|contact) .. {now}
        {whoever} .. (call|phone|ring) (me|us|back)? .. {now}
        (give|gimme) (me|us)? a (call|ring|buzz) .. {now}
        (call|callback|call back) please .. {now}
        {now} .. (call|phone|ring|telephone) (me|us|my|her|him|back)
        {now} .. (have|get|ask|tell|want|need) .. {whoever} .. (call|phone|ring|contact)
        {now} .. {whoever} .. (call|phone|ring) (me|us|back)?
        {now} .. (give|gimme) (me|us)? a (call|ring|buzz)
        {now} .. (call|callback|call back) please
        (llam*|marquen*|hablen*) .. (me|nos|por favor|porfa|urgente) .. {now}
        (llamame|llameme|llamenme|llamenos|marqueme|marquenme|hableme|hablenme) .. {now}
        (me|nos) .. (llam*|marc*|marqu*|hablar|hable|hablen) .. {now}
        (necesito|quiero|quisiera|puedo) .. hablar (con)? .. .. {now}
        (need|get|send) .. (help|ambulance) .. {now}
        (call|need|send) .. (911|ambulance|ambulancia)
        (llamen|manden) .. (911|ambulancia)
        help me (please)? {now}
        vengan""",
    "call_me": """
        (call|phone|ring|telephone) (me|us|my|her|him|back)
        (have|get|ask|tell|want|need) .. {whoever} .. (call|phone|ring|contact)
        {whoever} .. (call|phone|ring) (me|us|back)?
        (give|gimme) (me|us)? a (call|ring|buzz)
        (call|callback|call back) please
        (need|want|like|have|can i|could i|may i|wish) .. (talk|speak|talking|speaking) (to|with) ..
        (talk|speak) (to|with) {whoever}
        (contact|reach) (me|us) ..
        (llam*|marquen*|hablen*) .. (me|nos|por favor|porfa|urgente)
        (llamame|llameme|llamenme|llamenos|marqueme|marquenme|hableme|hablenme)
        (me|nos) .. (llam*|marc*|marqu*|hablar|hable|hablen)
        (necesito|quiero|quisiera|puedo) .. hablar (con)? ..""",
    "help": """
        help me ..
        (need|want) .. help
        (can|could) .. help ..
        please help
        ^ help ^
        help please
        sos
        (ayudenme|ayudeme|ayudame|ayuden|auxilio)
        necesito .. ayuda
        ^ ayuda ^
        ayuda por favor
        por favor ayuda
        i am in trouble
        something .. wrong
        not okay
        not ok
        no estoy bien""",
    "question": """
        ^ (when|what|where|who|why|how|which|whats|wheres|hows) ..
        ^ (is|are|do|does|did|can|could|should|will|would|may|has|have) (it|i|we|you|this|that|the|my|there|they|
            insurance|anyone) ..
        (wondering|wanted to ask|question|dying to know|quick question|let me know|tell me|confused about|
            remind me) ..
        ^ (cuando|donde|cuanto|cuantas|cuantos|por que|a que hora|a q hora) ..
        ^ (puedo|debo|tengo que|se puede|es normal|hay|cubre|me pueden) ..
        no one told me ..""",
    "somebody_else": """
        (this is|it is|i am|here is|im) .. {relation}
        {relation} (here|texting|answering|writing|typing|speaking)
        (answering|texting|responding|replying|writing|typing) .. for (my|her|him|the|them|a)
        on behalf of
        (his|her|their) (phone|cell|mother|mom|wife|husband|son|daughter)
        (he|she) (is|says|said|wants|can not|does not|will not|has|had|was|feels|asked|told) ..
        {relation} .. (is|says|said|wants|has been|feels|fell|got) ..
        my (wife|husband|mom|mother|dad|father|son|daughter|brother|sister|roommate|partner|boyfriend|
            girlfriend) .. (patient|infusion|treatment|session)
        (soy|habla|le habla|le escribe|aqui) (la|el|su|una|un)? {relation} ..
        (escribo|contesto|respondo) (por|de parte de) ..
        mi {relation} (dice|esta|no|se|tiene|quiere|le) ..
        (el|ella) (esta|dice|no|se|tiene) ..""",
    "texts_again": """
        (turn|switch|start) .. (messages|texts|texting|reminders) .. (on|again|back)
        (start|resume|restart) .. (texting|messages|texts|messaging|sending)
        (resubscribe|subscribe) ..
        opt (me)? (back)? in
        (volver|vuelva|vuelvan) a .. (recibir|mandar|enviar|escribir) ..
        stop by (accident|mistake)
        by (accident|mistake) .. stop""",
    "worse": """
        (even|much|way|getting|feel|feeling|got|a lot|so much|lot) worse
        worse (than|today|now|again|every)
        ^ worse ^
        not (good|great|well|doing well|doing good)
        (terrible|awful|horrible|miserable|hopeless|worst)
        (peor|fatal|pesimo|horrible|terrible)
        muy mal
        (mal|malo) ^
        no (ando|estoy|me siento) (muy)? bien
        not working
        nothing works
        no better""",
    "thanks": """
        (thank|thanks|thankyou|thnx|tks|tnx|thankful|grateful|appreciate*|obliged)
        (gracias|grax|grasias|agradec*|agradezco)
        god bless ..
        (cheers|bless you|bendiciones)
        (life saver|lifesaver)""",
}
BOOK = make_book(WAYS, groups=GROUPS, fillers="just really so please then some a any the very por favor")
NOT_ASKED = words_in("not no never he she they called calls")
"""Before `call me` they say something else."""


@dataclass(frozen=True)
class Asked:
    request: Request
    span: tuple[int, int]


def find_requests(normal: Normal) -> tuple[Asked, ...]:
    """Each at most once, the most pressing first."""
    spoken = speak(normal, BOOK)
    found: dict[str, Asked] = {}
    for said in BOOK.find(spoken):
        if said.name not in found and not _is_denied(said, spoken):
            found[said.name] = Asked(said.name, spoken.span(said.start, said.end))  # pyright: ignore[reportArgumentType]
    mark = next((token for token in normal.tokens if token.kind == "mark" and token.word in "?¿"), None)
    if mark is not None and "question" not in found:
        found["question"] = Asked("question", (mark.start, mark.end))
    if "call_at_once" in found and "call_me" not in found and "help" not in found:
        found["help"] = Asked("help", found["call_at_once"].span)
    return tuple(found[name] for name in WAYS if name in found)


def _is_denied(said: Said, spoken: Spoken) -> bool:
    """`Do not call me`; only for what would ring."""
    before = spoken.sentence.words[max(said.start - 2, 0) : said.start]
    return said.name in {"call_at_once", "call_me"} and any(word in NOT_ASKED for word in before)
