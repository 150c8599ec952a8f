"""Which language a reply is in, English or Spanish, by its small words; English where nothing tells."""

from followup.rules.reading.normal import Normal
from followup.rules.reading.phrase import words_in

SPANISH = words_in(
    "el la los las un una unos que de del en y o no si por para con mi me te se le lo su es esta estoy ando soy",
    "tengo hoy",
    "ayer pero muy mas ya gracias hola buenos buenas dias como cuando donde porque bien mal ayuda confirmo",
    "confirmar alto",
    "parar baja reprogramar cita puedo quiero siento animo cero uno dos tres cuatro cinco seis siete ocho nueve",
    "diez medio",
    "todo nada ninguno dolor nauseas mareo cansado cansada claro vale listo ahi voy estare",
)
ENGLISH = words_in(
    "the a an i you it is are am was and or but not to of in on for with my me your this that have has do did",
    "can will would",
    "today yesterday feel feeling thanks thank hello hi what when where how why yes no good bad very so just",
)


def language_of(normal: Normal) -> str:
    words = [token.word for token in normal.tokens if token.kind == "word"]
    spanish = sum(word in SPANISH for word in words) - sum(word in SPANISH and word in ENGLISH for word in words)
    english = sum(word in ENGLISH for word in words)
    return "es" if spanish > english else "en"
