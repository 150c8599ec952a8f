"""How people ask in Spanish for texts to stop, or say that the number is wrong; what counts, as in `stop_english.py`.

Without accents, as `folding.py` makes it.
"""

import re

from followup.rules.reading.phrase import Counts, Phrase, always, one_of, some_of

# What stands around -----------------------------------------------------------------------------------------

OTHERS = one_of(
    "no nunca ex novi[oa] espos[oa] mam[ai] pap[ai] hij[oa]s? herman[oa] jefe amig[oa]s? el ella ellos gente si "
    "cuando porque hasta quien"
)
OF_OTHERS = re.compile(rf"\b{OTHERS}(?: \w+){{0,3}}$")
ONLY_THEN = re.compile(
    r"(?:mas )?(?:(?:mensajes?|textos?) )?(?:de (?:noche|madrugada)|en la (?:noche|manana|madrugada|tarde)|por la "
    r"(?:noche|manana|tarde)|tan (?:tarde|temprano|seguido)|antes de|despues de|a (?:esta|estas|las)|mientras|"
    r"durante|cuando|hasta|los (?:domingos|sabados|fines)|manana|hoy|ahorita|en (?:ingles|espanol|el trabajo))\b"
)
ON_A_CONDITION = re.compile(r"\b(?:si|cuando|porque|por que|hasta que|espero que|aunque|ellos|para que)(?: \w+){0,2}$")
IN_VAIN = re.compile(r"\b(?:recib\w*|lleg\w*|hay|tengo|por que)(?: \w+)?$")
OUR_SLIP = re.compile(
    r"\b(?:marque|puse|di|escribi|mande|envie|me|era|le|doctor|dr|enfermera|farmacia|creo)(?: \w+){0,2}$"
)


def _asked_of_us(before: str, after: str) -> bool:
    """`dejen de escribirme`; not `mi ex no deja de escribirme`."""
    return not OF_OTHERS.search(before) and not ONLY_THEN.match(after)


def _told(before: str, after: str) -> bool:
    """`ya no me manden mensajes`; not `por que ya no me mandan`, nor `no me escriban de noche`."""
    return not ON_A_CONDITION.search(before) and not ONLY_THEN.match(after)


def _wished(_before: str, after: str) -> bool:
    return not ONLY_THEN.match(after)


def _no_more(before: str, _after: str) -> bool:
    """`no mas mensajes`; not `no hay mas mensajes`."""
    return not IN_VAIN.search(before)


def _willing(before: str, _after: str) -> bool:
    """`quiero dejar de recibir mensajes`; not `no quiero dejar de recibir mensajes`."""
    return not re.search(r"\b(?:no|si|sin|por que)(?: \w+){0,2}$", before)


def _sign_off(before: str, _after: str) -> bool:
    """`darme de baja`; not `no me den de baja`."""
    return not re.search(r"\b(?:no|si|estoy|estuve|sigo|me dieron)(?: \w+)?$", before)


def _theirs(before: str, _after: str) -> bool:
    """`numero equivocado`; not `marque el numero equivocado`."""
    return not OUR_SLIP.search(before)


# Parts ---------------------------------------------------------------------------------------------------------

TEXTS = one_of("mensajes? mensajitos? textos? sms recordatorios notificaciones avisos alertas whatsapps?")
WHICH = some_of(
    "mi mas mis sus tus estos esos los las la estas esas el este ningun ninguna de con a por para ya todos tantos "
    "otros recibir recibiendo tener ver seguir que me nos le manden mande mandes envien envie envies texto "
    "automaticos ustedes",
    most=6,
)
WRITING = one_of(
    "escribir escrivir mandar enviar textear mensajear contactar molestar fastidiar mandando enviando escribiendo "
    "molestando texteando"
)
TO_WRITE = rf"{WRITING}(?:me|nos|le|les|lo)?"
WRITE = one_of(
    "escriba[ns]? escriva[ns]? mande[ns]? envie[ns]? textee[ns]? mensajee[ns]? contacte[ns]? moleste[ns]? "
    "escribiendo mandando enviando texteando molestando"
)
TO_ME = r"(?:(?:me|nos|le|les) )?"
OUT = one_of(
    "quite[ns]? quita quitar saque[ns]? saca borre[ns]? borra borrar elimine[ns]? elimina eliminar remueva[ns]?"
)
END = rf"(?=$| (?:mas|nada|por favor|a este|a mi|por aqui|aqui|ya|nunca|jamas|otra vez|gracias)\b| {WHICH}{TEXTS}\b)"


def _phrases() -> list[tuple[str, Counts]]:
    cancel = one_of(
        "cancele[ns]? cancela cancelar anule[ns]? anular desactive[ns]? desactivar suspenda[ns]? detenga[ns]? "
        "detener deten pare[ns]? parar termine[ns]?"
    )
    of_the_list = (
        r"(?:de|del) (?:la |su |sus |esta |las |el |tu )?(?:listas?|sistema|grupo|mensajes|base)\b(?! de espera)"
    )
    not_wanted = (
        r"no (?:quiero|deseo|necesito|quisiera|queremos|me interesan?|me gustan?|acepto|autorizo|pedi|solicite)"
    )
    return [
        (
            rf"(?:deje[ns]?|deja|dejar|dejes|parar?|pare[ns]?|cese[ns]?) (?:ya )?de (?:estar )?{TO_WRITE}\b",
            _asked_of_us,
        ),
        (
            rf"(?:deje[ns]?|deja|dejar|cese[ns]?) (?:ya )?(?:de |con )?(?:los|estos|esos|sus|tus) {TEXTS}\b",
            _asked_of_us,
        ),
        (
            rf"(?:no|nunca|jamas) (?:quiero que )?{TO_ME}(?:vuelva[ns]? a |siga[ns]? )?{TO_ME}(?:{WRITE}|"
            rf"{TO_WRITE}){END}",
            _told,
        ),
        (rf"{not_wanted} {WHICH}{TEXTS}\b(?! de mi)", _wished),
        (
            rf"no (?:quiero|deseo|quisiera) (?:ya )?(?:que )?{TO_ME}(?:siga[ns]? )?(?:{WRITE}|ser contactad[oa]|"
            rf"recibir (?:nada|esto|mas))\b",
            _wished,
        ),
        (rf"(?:no mas|basta de|basta con|ni un|cero|ningun) {WHICH}{TEXTS}\b", _no_more),
        (rf"(?:dejar|parar) de recibir {WHICH}{TEXTS}\b", _willing),
        (rf"(?:prefiero|para|quisiera|quiero) (?:ya )?no recibir {WHICH}{TEXTS}\b", _wished),
        (rf"(?:alto|fin) a {WHICH}{TEXTS}\b", always),
        (rf"{OUT}(?:me|nos)? (?:(?:mi|este|el) (?:numero|nombre|telefono|celular) )?(?:ya )?{of_the_list}", _told),
        (rf"{OUT} (?:mi|este) (?:numero|telefono|celular|contacto)\b", _told),
        (
            r"(?:denme|deme|dame|darme|dar|den|me doy|darnos) de baja\b(?! (?:del|de la|en el|medica|laboral|por))",
            _sign_off,
        ),
        (rf"{cancel} (?:ya )?{WHICH}(?:{TEXTS}|suscripcion)\b", _asked_of_us),
        (r"(?:desuscrib|desubscrib|desinscrib|dessuscrib)\w*", _asked_of_us),
        (
            r"(?:revoco|retiro|cancelo) (?:\w+ )?(?:consentimiento|permiso|autorizacion)\b(?! para (?:el|la))",
            _asked_of_us,
        ),
    ]


def _wrong_person() -> list[tuple[str, Counts]]:
    return [
        (r"(?:numero|telefono|celular|persona|contacto) (?:equivocad|incorrect|erroneo?)[oa]?\b", _theirs),
        (r"(?:se|te) (?:ha |han |has )?equivoc(?:o|aron|aste|an|a|ado)\b(?= de (?:numero|persona)|$)", _theirs),
        (r"esta[ns]? equivocad[oa]s?(?= de (?:numero|persona)|$)", _theirs),
        (r"no es (?:su (?:numero|telefono|celular)\b|el (?:numero|telefono|celular) de (?!la clinica))", always),
        (
            r"no soy (?:la persona(?! que (?:era|fui))|esa persona|el paciente|la paciente|paciente|quien (?:busca|"
            r"cree|piensa))",
            always,
        ),
        (r"no (?:hay|vive|existe) (?:nadie|ningun\w*) (?:con ese|llamad[oa]|de ese|que se llame)\b", always),
        (r"aqui no (?:hay|vive|existe) ningun\w* \w+$", always),
        (r"numero (?:ya )?no es de\b", always),
        (r"no conozco a (?:nadie|ningun\w*|es[ae]) (?:con ese|llamad[oa]|persona|nombre|de ese)\b", always),
    ]


SPANISH = (
    *(
        Phrase(re.compile(rf"\b{pattern}"), counts, "wrong_person", language="es")
        for pattern, counts in _wrong_person()
    ),
    *(Phrase(re.compile(rf"\b{pattern}"), counts, language="es") for pattern, counts in _phrases()),
    Phrase(
        re.compile(r"\b(?:dejenme|dejeme|dejame|dejarme) (?:ya )?(?:en paz|tranquil[oa]|sol[oa])\b"),
        _asked_of_us,
        is_sure=False,
        language="es",
    ),
)
