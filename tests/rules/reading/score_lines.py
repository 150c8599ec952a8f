"""Oddly written ratings, and numbers that are none: what a careful human would make of each."""

ODD = {
    "I'm gonna say 6": 6,
    "Gonna go with a 5": 5,
    "Lets go with 7": 7,
    "id go 6": 6,
    "prolly a 5": 5,
    "6ish maybe": 6,
    "like 6": 6,
    "its like a 4 or 5": 4.5,
    "today's a 7": 7,
    "todays a solid 6": 6,
    "Mood's at a 5": 5,
    "mood=5": 5,
    "Mood 5/10": 5,
    "MOOD: FIVE": 5,
    "five out of ten": 5,
    "a five outta ten": 5,
    "6 outta 10": 6,
    "6 of 10": 6,
    "better than yesterday, 6": 6,
    "Better than yesterday (4). 6 today": 6,
    "yesterday was 3 today is 5": 5,
    "Was 3, now 5": 5,
    "went from 3 to 5": 5,
    "I was at a 2 last week but now I'm at a 6": 6,
    "dropped to a 3": 3,
    "fell to 3": 3,
    "climbed up to 7": 7,
    "up a point to 6": 6,
    "Up from a 4 to a 6": 6,
    "not a 10 but maybe a 7": 7,
    "I want to say 5": 5,
    "I wanna say 5": 5,
    "honest answer: 4": 4,
    "answer: 4": 4,
    "My answer is 4": 4,
    "My number is 4": 4,
    "No. 4": 4,
    "5 for today": 5,
    "For today 5": 5,
    "today I'd rate my mood a 6": 6,
    "I rate it 6": 6,
    "I'd rate myself at about 5": 5,
    "rating: 5": 5,
    "Rating 5": 5,
    "5 rating": 5,
    "a generous 5": 5,
    "a weak 5": 5,
    "a shaky 6": 6,
    "barely a 4": 4,
    "almost a 7": 7,
    "close to a 7": 7,
    "nearly 7": 7,
    "at least a 6": 6,
    "Sorry for the late reply. 6": 6,
    "sorry just saw this, 6": 6,
    "Hi it's Maria. 6": 6,
    "This is Dave - 7": 7,
    "7 - Dave": 7,
    "Good morning, I'm a 7 today": 7,
    "Good evening. 5.": 5,
    "7. thx for asking": 7,
    "7, all good": 7,
    "7 feeling good": 7,
    "7 feeling much better": 7,
    "Feeling pretty good 8": 8,
    "doing ok 6": 6,
    "I'm ok. 6": 6,
    "OK-ish 5": 5,
    "meh. 4": 4,
    "Meh 4": 4,
    "blah 4": 4,
    "ugh 3": 3,
    "Ugh, 3": 3,
    "pretty low 2": 2,
    "Not great. 3": 3,
    "terrible 1": 1,
    "1 terrible": 1,
    "0 awful": 0,
    "0, can't get out of bed": 0,
    "3 crying a lot": 3,
    "3 can't sleep": 3,
    "4 still anxious": 4,
    "5 woke up tired": 5,
    "5 after lunch, 3 now": 3,
    "7 this morning 5 now": 5,
    "up since 4. mood 3": 3,
    "Up since 4am. 3": 3,
    "slept 4 hrs, mood 5": 5,
    "slept 8 hours! 8": 8,
    "took my 20mg. 6": 6,
    "2 days after: 7": 7,
    "day 2: 7": 7,
    "week 2, mood 6": 6,
    "infusion 4 done, feeling 7": 7,
    "6 (anxiety 8)": 6,
    "6, anxiety 8": 6,
    "6 mood 8 anxiety": 6,
    "mood 6 / anxiety 8": 6,
    "mood-6 anxiety-8": 6,
    "depression 4, mood 6": 6,
    "pain 2/10, mood 6/10": 6,
    "energy 3, mood 6, sleep 7": 6,
    "headache 4 but mood 7": 7,
    "mood 7 pain 4": 7,
    "7 mood. pain 4": 7,
    "8 for mood and 3 for energy": 8,
    "un 7 mas o menos": 7,
    "7 mas o menos": 7,
    "más o menos 5": 5,
    "como 5": 5,
    "como en 5": 5,
    "yo diria un 6": 6,
    "pues un 6": 6,
    "un seis y medio": 6.5,
    "6 y 1/2": 6.5,
    "entre 5 y 6": 5.5,
    "5 o 6": 5.5,
    "ayer 4 hoy 6": 6,
    "ayer estaba en 4, hoy en 6": 6,
    "hoy amanecí en 5": 5,
    "amanecí con un 5": 5,
    "mi animo hoy es 5": 5,
    "animo: 5": 5,
    "5 de animo": 5,
    "de animo 5": 5,
    "me siento en un 5": 5,
    "me siento 5": 5,
    "estoy en 5 hoy": 5,
    "ando como en un 6": 6,
    "un 8 gracias a dios": 8,
    "bien, un 8": 8,
    "mal, un 2": 2,
    "regular, 5": 5,
    "5, regular": 5,
    "hoy me siento mejor, 7": 7,
    "siete de diez": 7,
    "7 sobre 10": 7,
    "un ocho": 8,
    "un tres hoy": 3,
    "cinco por ahora": 5,
    "ni bien ni mal, 5": 5,
    "no muy bien, 3": 3,
    "subi a 6": 6,
    "bajé a 3": 3,
    "tengo 3 hijos. 6": 6,
    "dormi 4 horas, un 5": 5,
    "tome 2 pastillas. 6": 6,
    "a las 3 tengo cita. 6": 6,
    "6/10 today vs 4/10 yesterday": 6,
    "4/10 yesterday 6/10 today": 6,
    "solid 6/10": 6,
    "6/10!!": 6,
    "6 / 10.": 6,
    "6\\10": 6,
    "6 out of ten today": 6,
    "six point five": 6.5,
    "6.5ish": 6.5,
    "6.5 maybe 7": 6.75,
    "5 and a 1/2": 5.5,
    "5 1/2": 5.5,
    "five and half": 5.5,
    "5-6ish": 5.5,
    "5-6 range": 5.5,
    "5 - maybe a 6": 5.5,
    "6. no, 7": 7,
    "6 oops 7": 7,
    "6* sorry 7": 7,
    "*7": 7,
    "I meant 7": 7,
    "meant 7 not 6": 7,
    "7 not 6": 7,
    "sorry 7": 7,
    "correction 7": 7,
    "typo, 7": 7,
    "1️⃣": 1,
    "7️⃣ 😀": 7,
    "⭐️ 7": 7,
    "7 💛": 7,
    "7️⃣/🔟": 7,
    "６．５": 6.5,
    "7 like always": 7,
    "the usual 5": 5,
    "usual 5": 5,
    "same 5": 5,
    "same as yesterday, 5": 5,
    "same, 5": 5,
    "Still 5": 5,
    "5 again": 5,
    "5 once more": 5,
    "a 5 I suppose": 5,
    "I suppose a 5": 5,
    "5 I reckon": 5,
    "reckon 5": 5,
    "bout 5": 5,
    "'bout a 5": 5,
    "round 5": 5,
    "5 or so": 5,
    "five-ish": 5,
    "five or six": 5.5,
    "5 but could be 6": 5,
    "5 hoping for 6 tomorrow": 5,
    "wish it was higher but 4": 4,
    "on a scale of 1 to 10, 6": 6,
    "6 on a scale of 10": 6,
    "6 on the 0-10 scale": 6,
    "on a scale from 0 to 10 id say 6": 6,
    "6 with 10 being best": 6,
    "6, where 10 is best": 6,
    "0-10: 6": 6,
    "(0-10) 6": 6,
}
NONE = """
    I'll answer at 5
    back home by 3
    call me at 7
    call me after 5
    call 5551234
    my number is 555 0199
    my zip is 10001
    I live at 7 Oak St
    3 of my friends are here
    3 friends came over
    I've had 3 treatments
    I had 4 cups of coffee
    2 cups of coffee
    1 cup
    took 1 tylenol
    1 tylenol
    half a pill
    took half
    I weigh 150
    it's 5 pm
    its 5 o clock
    5 oclock
    until 8 tonight
    see you at 10
    see you on the 10th
    10am works
    10 works
    10 is fine
    can we do 10
    Tuesday at 10
    on the 6th
    the 6th is good
    6th
    Dec 6
    december 6
    6 de diciembre
    el 6 de mayo
    6/12
    12/6/2026
    6.12.2026
    my anxiety is 8
    anxiety's at 8
    my pain is 6/10
    pain: 6
    my pain level is 6
    pain level 6
    6 pain
    6 for pain
    6/10 pain
    headache 6
    it hurts like a 7
    sleep: 4
    sleep quality 4
    energy at 3
    I'd give the food a 6
    food 6
    the nurse gets a 10
    10/10 service
    10/10 would recommend
    10 out of 10 for the staff
    you guys are a 10
    5 stars
    5/5
    4/5
    80%
    80 percent
    75/100
    8 out of 12
    between 1 and 10?
    from 0 to 10?
    what does 5 mean
    does 10 mean good
    10 good or bad?
    is that 0 to 10
    0 to 10
    1-10
    1 to 10
    I don't know 5 or 10
    somewhere from 3 to 8
    all over 2 to 9
    ranges 2-9
    can't put a number
    no number
    one day at a time
    one more thing
    one of those days
    that one was good
    not one
    just one of those days
    two weeks now
    two steps forward one step back
    it takes two
    six feet under
    seven eleven
    nine times out of ten
    nine lives
    on cloud nine
    dressed to the nines
    ten fold
    catch 22
    24 hours
    24/7
    9-5
    9 to 5 job
    911
    988
    called 988
    i called 911
    19
    20
    11
    12
    -1
    -5
    −5
    +11
    0.5 mg
    5mg
    50 mg
    .5
    5,000
    $10
    10$
    10 bucks
    10 dollars
    10x better
    10 times better
    2x
    3rd time
    third time
    1st infusion
    first one
    4th floor
    room 4
    bed 4
    line 4
    chapter 7
    psalm 23
    john 3:16
    phq 9
    phq9 was 12
    gad7
    gad 7
    si 0
    bp 120/70
    120 over 80
    hr 80
    pulse 60
    o2 98
    temp 99
    98.6
    sugar 110
    a1c 6
    ml 5
    5 ml
    5ml
    covid 19
    windows 10
    iphone 7
    ps5
    mp3
    b6
    vitamin b 6
    omega 3
    type 2
    stage 4
    level 5
    lvl 5
    gate 7
    bus 7
    route 6
    i-10
    highway 5
    exit 7
    age 7
    my son is 7
    my 7 year old
    7 yo
    she's 7
    turning 7
    7 years sober
    7 months pregnant
    7 lbs
    5 foot 4
    5'4
    size 7
    7 inches
    7 miles
    7k
    7 blocks
    7 min
    7 mins away
    in 7
    7 sec
    7 days
    7 days in
    day 7
    week 7
    month 7
    no 7
    ni 7
    no un 7
    no 7 not
    not even 3
    never above 3
    higher than 5
    lower than 4
    less than 3
    under 3
    over 8
    > 5
    < 5
    >5
    <5
    5+5
    3+4
    7=good
    x7
    7x
    q7
    7th heaven
    ayer 7
    era un 7
    estaba en 7
    antes 7
    tenia un 7
    a las 7
    a las siete
    son las 7
    por 7 dias
    7 dias
    7 pastillas
    tome 7
    7 gotas
    siete veces
    mi hijo tiene 7
    tengo 7 hijos
    7 años
    uno nunca sabe
    dos veces
    dos dias
    tres dias sin dormir
    seis meses
    ocho horas
    diez minutos
    nueve meses
    cero ganas
    cero dolor
    cero energia
    dolor 7
    ansiedad 7
    7 de ansiedad
    7 de dolor
    sueño 4
    energia 3
    presion 14/9
    14/9
    120/80
    talla 7
    piso 7
    apto 7
    sala 7
    linea 7
    el 7
    la 7
    los 7
    dia 7
    semana 7
    sesion 7
    7a sesion
    7ma
    7mo
    septimo
    mi mama dice 7
    el dice que 7
    mi esposa me da un 7
    quisiera un 7
    ojala un 7
    espero llegar a 7
    wish i was a 7
    if only 7
    could be 7
    should be a 7
    used to be 7
    last week 7
    monday 7
    7 on monday
    7 last time
    before it was 7
    normally 7
    usually a 7
    my usual is 7
    wife would say 7
    he'd say 7
    she said 7
    my therapist says 7
    doc says 7
    you said 7
    the form says 7
    says 7 on the screen
    press 7
    option 7
    code 7
    pin 7777
    otp 123456
    7 7 7
    777
    7.7.7
    7-7-7
    7/7/7
    7,8,9
    1 2 3
    3 4 5
    6 or 9
    2 or 8
    0 or 10
    10 or 0
    even
    sever
    there
    tree
    free
    fore
    for
    ate
    too
    won
    sex
    tin
    fiver
    zen
    hero
    sero tonin
    none
    nil
    naught
    zip
    zilch
    nada
    infinity
    a million
    negative
    positive
    minus
    plus
    double
    triple
    single
    half
    quarter
    third
    dozen
    3 -> 5
    3→5
    from a 4 to a 6
    number 4
    #4
    a hair over 6
    just under 7
    6 am not sleeping
    de 5 a 6
    del 4 al 6
    5/6
    5to6
    VI
    10 kids
    I have 7 minutes
    2 where 0 is best
    is it 10 best? then 6
"""
