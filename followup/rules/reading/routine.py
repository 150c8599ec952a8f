"""Whether a reply is routine beyond doubt: every word of it is one of a small known grammar.

The burden of proof is reversed: what is not known here goes before a human, whatever it says. A grammar of 150 words
let none of 170 lines of danger pass (facts/clinical 3.4), and the readers of danger need not guess every phrase.
"""

from dataclasses import dataclass

from followup.rules.reading.normal import Normal
from followup.rules.reading.phrase import words_in
from followup.rules.reading.reading import Prompt
from followup.rules.reading.score_words import PLAIN_EMOJI, THANKFUL_EMOJI
from followup.rules.reading.spoken import make_book, speak

GROUPS = {
    "good": "good|fine|great|ok|okay|well|better|normal|alright|calm|relaxed|peaceful|wonderful|amazing|"
    "fantastic|awesome|decent|"
    "bien|mejor|tranquilo|tranquila|contento|contenta|excelente|perfecto|feliz|happy|relajado|relajada",
    "very": "very|really|pretty|so|quite|much|muy|super|all|todo|just|doing",
}
WAYS = {
    "thanks": """
        (many|much|big|so many)? thanks (so much|a lot|a bunch|again|everyone|all|for asking|for checking (in|on me|
            in on me)?|for the (reminder|text|message)|for reminding me|for following up|for your help)?
        thank you (so|very|kindly)? (much|all|guys|both|again|for asking|for checking (in|on me|in on me)?|
            for the (reminder|text|message)|for reminding me|for following up|for your help)?
        (thank u|tysm|tyvm) (guys|all|so much)?
        much (obliged|appreciated)
        (i)? (really)? appreciate (it|you all|this|that)
        (cheers|ty hon|thankyou|thnx|tks|tnx|thx)
        (muchas|mil|muchisimas)? (gracias|grax|grasias) (por (preguntar|el recordatorio|el mensaje|su ayuda|
            escribir)|x preguntar|doctora|doctor|doc|a todos|a ustedes|a dios|igualmente)?
        (se)? le agradezco (mucho)?
        (muy amables|muy amable)
        god bless (you)? (all)?
        (bendiciones|dios los bendiga)""",
    "hello": """
        (hi|hello|hey|good morning|good afternoon|good evening|hola|buenos dias|buenas tardes|buenas noches|buenas|
            buen dia) (there|doc|doctor|doctora|team|all|everyone|a todos)?""",
    "understood": """
        (ok|okay|k|kk|okey|okis|got it|understood|will do|sounds good|alright|noted|roger|perfect|great|cool|
            no problem|np|entendido|de acuerdo|listo|vale|bueno|esta bien|perfecto|received|wonderful|awesome|
            excellent)""",
    "well": """
        (i am|i feel|feeling|feel|doing|am|all|so far|everything is|everything|it is all|
            we are)? {very}? {good} (today|now|so far|here|overall|enough|this morning|tonight)?
        (tired|sleepy) but {very}? {good}
        no (side effects|complaints|problems|issues|nausea|pain|headache|dizziness|issues at all|symptoms)
        (none|nothing (major|to report|bad|special|unusual)|none at all)
        (got|made it|am|back)? home (safe|safely|ok|okay|fine|now|sound)? (and sound)?
        (just|now)? (resting|relaxing|chilling|napping|in bed|on the couch|watching tv|on my couch|
            taking it easy) (now|at home|today|comfortably)?
        (slept|sleeping) (well|great|good|fine|like a (baby|rock|log))
        todo (bien|tranquilo|en orden|normal|perfecto)
        (me siento|estoy|ando|sigo|amaneci|dormi)? {very}? {good} (hoy|ahora|ya)?
        (descansando|en casa|en mi casa|en la casa|ya en casa|acostado|acostada|viendo tele|en mi cama)
        sin (problemas|molestias|novedad|efectos|efectos secundarios|nauseas|dolor)
        (ninguno|ninguna|nada|nada grave|nada del otro mundo|nada mas)""",
    "small": """
        (woke|got) up (at|around)? #? am?
        (session|infusion|treatment|sesion|infusion) # (of|de) # (yesterday|today|ayer|hoy)?
        (first|second|third) (day|week|session)
        sorry (for the|about the)? (late|delay|delayed) (reply|response|answer)?
        sorry (it is)? late
        (with|going with|go with) (mine|that)
        (slight|mild|minor|bit of|touch of|a little)
        (nothing major|not bad|not too bad|no big deal|nothing serious)
        (praise god|thank god|thank goodness|gracias a dios|god willing|dios mediante|con el favor de dios|primero dios)
        best (day|week|one|night) (in|of) (a|the)? (long)? (while|time|year|month|ages)
        see (you|yall) (then|there|soon|monday|tuesday|wednesday|thursday|friday|saturday|sunday|tomorrow|next week|
            next time)
        (my|mi) (husband|wife|son|daughter|mom|dad|sister|brother|friend|esposo|esposa|hija|hijo) (is)? (driving|
            taking|bringing) me""",
}
BOOK = make_book(WAYS, groups=GROUPS, fillers="really very so just")
NEUTRAL = words_in(
    "i am is it its a an the my me just so really very pretty now today and also too well um uh hmm haha hehe lol jaja",
    "jajaja please dear hon fr doctora doctor folks ladies gents amigo amiga still but for at in to be you sir",
    "ma'am maam doc doctor dr then y e hoy muy ya pero con estoy",
    "ando mi el",
    "la un una me es en lo le por favor porfa usted ustedes senora senorita bit little kind of sort kinda though",
    "tho right",
    "team guys bueno pues tambien oh yes si",
)
"""They say nothing that would need a human, beside what is known."""


@dataclass(frozen=True)
class Proof:
    known: frozenset[int]
    """Tokens of the reply that are accounted for."""
    unknown: tuple[tuple[int, int], ...]
    """[start, end) of each word that is not."""
    says: frozenset[str]
    """Which of the known things are said: `thanks`, `understood`, `well`."""

    @property
    def is_whole(self) -> bool:
        return not self.unknown


def account_for(normal: Normal, *, prompt: Prompt, known: frozenset[int]) -> Proof:
    """Account for every word: `known` are the tokens that the readers of scores, choices and mild effects vouch for.

    How one feels answers only the question about it: where a number was asked for, it is none.
    """
    spoken = speak(normal, BOOK)
    says: set[str] = set()
    covered = set(known)
    for said in BOOK.find(spoken):
        if said.name != "well" or prompt == "same_day" or known:
            covered |= spoken.covered(said.start, said.end)
            says.add(said.name)
    unknown: list[tuple[int, int]] = []
    for nth, token in enumerate(normal.tokens):
        if nth not in covered and not _says_nothing(token.kind, token.word):
            unknown.append((token.start, token.end))
    if normal.tokens and all(token.word in THANKFUL_EMOJI for token in normal.tokens if token.kind == "emoji"):
        says |= {"thanks"} if all(token.kind == "emoji" for token in normal.tokens) else set()
    return Proof(frozenset(covered), tuple(unknown), frozenset(says))


def _says_nothing(kind: str, word: str) -> bool:
    if kind == "emoji":
        return word in PLAIN_EMOJI
    if kind == "mark":
        return word not in "?¿%$#<>=^@&\\" or word in "♥️"
    return kind == "word" and word in NEUTRAL
