"""Words that stand around a rating, and words that say that a number is none. English and Spanish."""

from followup.rules.reading.phrase import words_in

PLAIN = words_in(
    "prolly todays moods suppose reckon bout round usual lucky always least range area zone mark answer doing once",
    "believe a an about around approx approximately roughly like maybe probably prob perhaps possibly somewhere",
    "somewheres guess",
    "think say would i am it is my me at today now right currently still just only honestly honest truthfully really",
    "kind of sort solid strong firm steady definitely def overall general mood moods feeling feel feels felt be",
    "rate rating rated score scoring number call give put myself that so hmm hm um uh er well ok okay oh hi hello hey",
    "yes yeah yep good morning afternoon evening this day thank you thanks very much for make",
    "andamos with makes even full whole bit little point points pts ish ma'am maam sir doc doctor dr please the",
    "same as",
    "again and",
    "yall back up another as best scale on in exactly same stay staying sitting hovering hover holding",
    "grasias reply answer answering get gets got gotta strongish easily sure low high mid upper lower i'd id we",
    "between tho",
    "though haha lol hehe jaja jajaja kinda sorta more or less between somewhat closer nearer",
    "un una uno como creo que diria yo le doy pongo ponle pongame ponele pon anota anotame digamos tal vez quizas hoy",
    "ahora ahorita mi animo estado de humor es esta estoy ando en el por siento me mas o menos aproximadamente",
    "buen bien",
    "solido nota calificacion punto puntos gracias muchas hola buenos buenas dias tardes noches dia manana sera seria",
    "mejor al momento ya si pues hombre honestamente unos casi entre y manana esta doy daria pondria le senorita",
    "doctora",
    "fuerte alrededor de numero se mantiene sigo igual lo dejo dejamos con un para hmmm",
)
"""All of these are plain: a reply of such words and one number is a rating and nothing else."""
MOODS = words_in(
    "anyway anyways otherwise somehow emotionally mentally lowkey highkey ngl tbh imo bro bruh dude man lmao yo",
    "ayo oof",
    "welp",
    "yay woo slay vibes vibe tops max wise from x xx xo xoxo besitos",
    "blah ugh argh sigh yikes pretty generous shaky cautious tentative respectable comfortable bumpy",
    "bad rough sad flat meh tired sleepy weak down worse better terrible awful horrible not great too crappy",
    "shitty low",
    "okayish alright fine happy happier decent nice great excellent amazing fantastic awesome wonderful content grand",
    "know do sorry calm hopeful hanging hopefully nothing new much change changed unchanged slightly barely",
    "almost nearly",
    "mal regular triste cansado cansada feliz contento contenta tranquilo tranquila peor flojo floja bajo alto poco",
    "everyone team guys folks dear hon honey love ladies friend amor reina mija god blessed bless praise heart",
)
"""These may stand beside a rating too, but they say more than that."""
ARTICLES = words_in(
    "a an un una like about around maybe probably prob perhaps possibly solid strong firm definitely def roughly",
    "approx",
    "approximately only just barely good full even honestly really quite como unos casi almost nearly another the same",
    "easy weak low high steady decent more of sort kind closer nearer somewhere between entre buen bien say hoy",
    "today now",
    "ahora ahorita least still big whole old another bout",
)
"""Between what leads to a rating and its number."""
LEADS = (
    *("it is giving", "giving", "that is"),
    *(
        "go",
        "want to say",
        "a point to",
        "points to",
        "fell to",
        "rose to",
        "improved to",
        "moved to",
        "got to",
        "suppose",
    ),
    *("reckon", "amaneci en", "amaneci con", "hoy en", "baje hasta", "subi hasta", "estaba en"),
    *("i am", "i am at", "i feel", "i feel at", "feel", "feeling", "feels", "felt", "it is", "it is at", "i would say"),
    *("say", "call it", "give it", "giving it", "give today", "put it at", "put it", "put me at", "put me down for"),
    *("i would be", "would be", "put me down as", "rate it", "rate it at", "rate myself", "rate my mood", "rate today"),
    *("rating of", "score of", "score is", "number is", "rating is", "today is", "today was", "sitting at", "am at"),
    *("hovering at", "hovering", "holding at", "go with", "going with", "guess", "think", "make it", "makes", "today"),
    *("down to", "up to", "back to", "back up to", "dropped to", "went to", "climbed to", "close to", "closer to"),
    *("nearer to", "back down to", "it at", "myself at", "myself", "now", "score", "rating", "believe i am"),
    *("rated", "i would give", "give myself", "today i", "more like", "stuck at", "still at", "is at", "i am on"),
    *("le doy", "me doy", "le pongo", "pongo", "ponle", "ponele", "pongame", "anotame", "diria", "digamos", "creo que"),
    *("ando en", "ando por", "ando por el", "ando en el", "estoy en", "estoy en el", "estoy", "ando", "me siento"),
    *("me siento en", "siento", "hoy", "ahora", "ahorita", "ahorita ya", "ya", "creo", "seria", "sera", "es", "doy"),
    *("subi a", "baje a", "llegue a", "pase a", "bajo a", "subio a", "daria", "pondria", "le daria", "le pondria"),
    *("yo digo", "sigo en", "mas bien", "de animo", "seria de", "en un", "ando como en", "quedo en", "i'd be"),
    *("tirando a", "calificacion", "nota", "mi nota es", "como en", "hoy es", "hoy estoy", "en el"),
)
FOLLOWERS = words_in(
    "tops max somehow wise ngl tbh imo x xx xo xoxo",
    "from vs versus compared range area zone mark like once always",
    "today now overall i im my but and with because cuz though thanks thank maybe probably for this right so at",
    "out not",
    "no slept woke had went did was still feeling felt feel feels just very pretty really better worse best good tired",
    "bit little kinda as if since after all in on is it ish which we they sorry than far due cause lol haha honestly",
    "atm currently morning can could would will wish looking got getting hard today's having happy sad okay ok rough",
    "andamos vamos seguimos by en grasias hoy ahora pero y con porque aunque gracias creo quizas mas ya no me",
    "estoy ando dormi amanecio",
    "si que por nomas bien",
    "mal tambien igual bajando subiendo ahorita mucho muy algo un hace desde jaja jajaja y",
)
"""What may come right after a rating."""
SPLITTERS = words_in("but and pero y though although because cuz so aunque porque except then while mientras yet n")

MOOD_FIELDS = words_in("mood moods animo humor animos spirits spirit")
OTHER_FIELDS = words_in(
    "anxiety anxious pain pains sleep energy appetite headache headaches nausea stress stressed dizziness depression",
    "depressed anger angry irritability irritable focus motivation fatigue tiredness hip back knee neck head stomach",
    "concentration panic worry hope sadness fear craving cravings dissociation numbness libido pressure pulse ptsd ocd",
    "ansiedad dolor dolores sueno energia apetito nauseas estres cansancio cuerpo depresion espalda cabeza presion",
    "mareo mareos fisico fisicamente motivacion rabia enojo miedo panico concentracion physically body discomfort",
    "rigidez ache aches soreness service food staff room drive weather",
)

UNITS = words_in(
    "am pm a.m p.m oclock o'clock hour hours hr hrs h min mins minute minutes sec secs second seconds day days",
    "week weeks",
    "wk wks month months mo year years yr yrs yo mg mcg ml mgs g kg lb lbs pound pounds oz cc cup cups pill",
    "pills tablet",
    "tablets tab tabs cap caps capsule capsules dose doses drop drops time times mile miles km feet foot ft",
    "inch inches",
    "degrees degree percent pct star stars people person kid kids child children dog dogs cat cats more left of",
    "st nd rd",
    "th session sessions infusion infusions treatment treatments visit visits appointment appointments bpm beats steps",
    "dollars bucks hundred thousand block blocks step grandkids glasses glass beers beer drinks drink sips meals meal",
    "naps nap tylenol advil ibuprofen aspirin ativan ambien xanax things thing questions question weeks' nights night",
    "horas hora minutos minuto segundos dia dias semana semanas mes meses ano anos pastilla pastillas tableta tabletas",
    "veces vez millas kilos libras grados gotas dosis sesion sesiones infusion infusiones cita citas hijos hijas ninos",
    "perros gatos personas cuadras vasos copas cervezas cosas preguntas noches porciento estrellas chamacos",
    "pesos de",
    "dolares siestas comidas a.m. p.m. am. pm. panic attacks noon sharp ish-pm pintas pasos flights",
)
UNITS_BUT = words_in("de of more")
"""In the list above for what follows them (`3 de mayo`, `5 more`)."""
LEADS_ELSEWHERE = words_in(
    "at by since until till before after around from to las la room session sesion infusion treatment dose",
    "number no step",
    "apt apto unit floor page chapter option press code bp pulse sugar weight temp temperature weigh age edad",
    "every cada",
    "si size next channel highway exit type vitamin covid phq slept sleep took take taking tome tomo dormi dormir ate",
    "comi walked",
    "camine drank drink have has had need tengo tenia tuve son hay for in en los the number day dia week semana",
    "ran past",
    "para hasta desde antes despues year grade level line aged turning turned phase stage visit on with visita",
    "up down another other these those all both last first of paid owe costs cost got",
)
"""Right before a number, they make it a time, a count or a name."""
LEADS_BUT = words_in("at around for in en on with of all last first another to the up down")
"""Of those, the ones after which a rating may stand if they are led to: `i am at 5`, `down to 4`."""
BEFORE_PAST = words_in(
    "yesterday was were ago earlier before used ayer era estaba antes anoche lately last previously anterior",
    "pasada fui",
    "monday tuesday wednesday thursday friday saturday sunday mon tue tues wed thu thur thurs fri sat sun",
    "started start",
    "lunes martes miercoles jueves viernes sabado domingo tenia pasado previous prior been empece estuve",
)
DAY_ORDER = {
    **dict.fromkeys(("morning", "breakfast", "woke", "manana", "am", "desperte", "amaneci", "desayuno", "waking"), 1),
    **dict.fromkeys(("noon", "lunch", "afternoon", "midday", "mediodia", "almuerzo", "tarde"), 2),
    **dict.fromkeys(("supper", "dinner", "evening", "tonight", "night", "cena", "noche"), 3),
    **dict.fromkeys(
        ("now", "today", "hoy", "ahora", "ahorita", "currently", "rn", "presently", "moment", "actualmente"), 4
    ),
}
BEFORE_UNITS = words_in("or so odd whole full long solid good more about straight different good short")
"""May stand between a number and what it counts."""
NEGATIONS = words_in("not no never ni nunca neither nor nunca tampoco")
NEGATED_THROUGH = words_in(
    "a an un una quite even really exactly say call it give llega a ni al the be that go as far so like es soy feel am",
    "diria llego daria as high low more less than",
)
"""Between a negation and the number that it denies."""
LIMITS = words_in("than under over below above past beyond exceed menos supera apenas debajo encima")
WISHES = words_in(
    "hope hoping hopefully hoped want wanted wants wish wishing shooting aiming aim goal could target should expected",
    "expecting expect if would've supposed quisiera espero ojala meta queria esperaba gustaria deseo could've trying",
    "until unless if when normally usually normalmente typical typically average baseline",
)
GIVEN = words_in(
    "give gave gives giving gets rate rated rates wear wears size need have has had from got is on at of",
    "you guys staff nurse nurses team clinic place movie show game food experience trip hurts hurt hurting are",
    "were they",
    "ouch stings visit room chair playlist music parking",
)
"""With these, `a 7` may be said of anything (`I'd give the food a 7`)."""
OTHERS = words_in("says said dice dijo she he her his they their ella el_dice thinks husband wife partner boyfriend")
CORRECTIONS = words_in(
    "no actually mean meant sorry rather scratch wait miento mentira digo perdon correction correccion oops typo quise",
    "nvm instead ignore make nah realmente equivoque",
)
CHANGE = words_in(
    "up down went gone go going jumped dropped fell climbed rose moved improved changed subi baje pase subio bajo paso",
    "mejore fui sube baja subiendo bajando crept slid risen slipped",
)
"""With `from 3 to 5` they say that it is 5 now."""
FUNCTION = words_in(
    "by about before during until unless against toward towards within without per via that which who whom whose what",
    "when where than then also too yet even most some any each both either neither para como sin sobre hasta",
    "segun tras",
    "you he she it they them him her his their our us your ella ellos nos les los las una que quien cual cuando donde",
    "are was were has have had been being does did done can could shall should may might must era fue son han has hay",
)
"""They follow a number without being what is counted."""
QUESTION_OPENERS = words_in(
    "is are was do does did can could should would will may what which when where who why how was has have am if or",
    "es son puede puedo debo cual cuando donde quien por que como se hay",
)
QUESTION_HEDGES = words_in(
    "a an i think guess say maybe like about around so id would it is probably hmm um uh well un como creo tal",
    "vez quizas",
    "today hoy am at ok oh perhaps",
)
PLAIN_EMOJI = frozenset(
    "🙂😊😀😃😄😁😉🥰😍🤗👍👌🙏🎉🥳💪😌☺❤♥💛💚💙💜🧡🩷💕💖✨🌞☀🌻🌸🌷💐😎🤞✌🙌👏🫶😅😂🤣😴🥱🤷🤷‍♀♂✅✔🏽🏻🏼🏾🏿🔟⃣"
)
THANKFUL_EMOJI = frozenset("🙏👍👌❤♥💛💚💙💜🧡💕💖🤗🫶✅✔🏽🏻🏼🏾🏿")
"""A reply of nothing else is an *all right, thanks*."""
