"""How people ask in English for texts to stop, or say that the number is wrong.

What stands around a phrase may say that it is about something else: *my ex won't stop texting me*, *don't text me
while I drive*. Where both can be meant the request counts, because 47 CFR 64.1200(a)(10) asks what a reasonable
person would understand, and a human looks anyway.
"""

import re

from followup.rules.reading.phrase import Counts, Phrase, always, one_of, some_of

# What stands around -----------------------------------------------------------------------------------------

OTHERS = one_of(
    "he she they people everyone everybody someone somebody anyone who it ex bf gf boyfriend girlfriend husband wife "
    "spouse partner mom mother dad father son daughter sister brother kids? children boss friends? coworkers? "
    "landlord insurance pharmacy scammers? guy man woman neighbor family bank school him her them parents roommate "
    "therapist"
)
OF_OTHERS = re.compile(rf"\b{OTHERS}(?: \w+){{0,3}}$")
OF_MINE = re.compile(
    r"\b(?:i|we) (?:\w+ )?(?:need|have|want|wanted|should|must|gotta|tried|try|trying|can|could|would|will|had|going|"
    r"like|wish|told|asked|tell|promised|decided)(?: \w+){0,3}$"
)
US = one_of(
    "guys all people folks to please just need have must should better will can could would kindly really ever now"
)
BY_US = re.compile(rf"\byou(?: {US})*$")
NOT_WANTED = re.compile(
    r"\b(?:not|never|nor) (?:\w+ )?(?:want|like|need|mean|wish|ask|asked|tell|told|say|said|think|plan|try|trying|"
    r"going)(?: \w+){0,4}? to(?: \w+)?$"
)
DENIED = re.compile(
    r"\b(?:not|never|nobody|no one|without|avoid)(?: (?:ever|please|just|even|yet|be|been|get|have|going to|able to|"
    r"want to|actually|really|you|to|mean to|try to|we|i))*$"
)
ASKED_ABOUT = re.compile(
    r"\b(?:if|when|whenever|why|whether|until|till|once|unless|did|does|do (?:i|you|they)|should i|must i|what "
    r"happens|was|were|am i|have you|has|had|how long|how come|after|hope|hoping|glad|afraid|worried|remember|forgot|"
    r"what would|accidentally|mistakenly|by accident|by mistake)(?: \w+){0,5}$"
)
HOW = re.compile(r"\b(?:how|where) (?:do|can|would|could|should) (?:i|you|we)\b")
ONLY_THEN = re.compile(
    r"(?:at (?:night|work|home|school|\d|this (?:hour|time)|these|that)|so (?:early|late|much|often|many)|too|that|"
    r"about|this (?:early|late)|before (?:\d|nine|ten|eight|noon|work|breakfast)|after (?:\d|hours|work|midnight|"
    r"nine|ten|dark)|while|during|when|until|till|between|on (?:weekends?|sundays?|saturdays?|my)|in (?:the "
    r"(?:morning|middle|evening|afternoon)|spanish|english|caps)|tonight|tomorrow|right now|back|twice|the same|for "
    r"(?:a|the|now|today)|today|what|anything else|pictures|photos|my (?!phone|cell|number))\b"
)
LEAD_IN = re.compile(
    r"(?:|(?:.* )?(?:please|just|so|ok|okay|kindly|now|seriously|omg|dude|guys|and|then|yes|no|hey|hi|hello|again|"
    r"but|or|sorry|to|thanks|thank you|(?:can|could|will|would|need|want|prefer|rather|if|told|asked|tell) you(?: "
    r"to)?|you (?:must|should)))"
)
PRAISE = re.compile(r"\b(?:love|glad|happy|appreciate|thankful|grateful|hope|promise|thank you for)\b")
IN_VAIN = re.compile(
    r"\b(?:got|gets?|getting|have|has|had|received?|see|are|were|is|was|why|there|come|until|if)(?: \w+)?$"
)
OUR_SLIP = re.compile(
    r"\b(?:i|we) (?:\w+ )?(?:gave|wrote|typed|entered|sent|texted|pressed|hit|put|dialed|called|picked|said|chose|"
    r"meant|got|had|have|answered|replied|clicked)(?: \w+){0,2}$|\b(?:he|she|it|pharmacy|insurance|nurse|doctor|dr|"
    r"lab)(?: \w+){0,2} (?:gave|wrote|has|had|have|got|sent|called)(?: \w+)?$|^(?:is|was|did|do|does|if)\b|\b(?:feel|"
    r"felt|am) (?:like )?(?:the|a)$|\b(?:gave|typed|entered|pressed|dialed|called|pressing|typing|meant|put in)(?: "
    r"\w+){0,2}$"
)


def _asked_of_us(before: str, after: str) -> bool:
    """`stop texting me`; not what others or the patient do, what is denied, or what is only asked about."""
    if NOT_WANTED.search(before) or ONLY_THEN.match(after):
        return False
    if BY_US.search(before):
        return not ASKED_ABOUT.search(before)
    around = (DENIED, ASKED_ABOUT, OF_MINE, OF_OTHERS)
    return before.endswith("please") or not any(pattern.search(before) for pattern in around)


def _wished(before: str, _after: str) -> bool:
    """`how do I stop these texts`; not `why did I stop these`, `I don't want to stop these` or `if I stop these`."""
    before = HOW.sub("", before)
    return not NOT_WANTED.search(before) and not DENIED.search(before) and not ASKED_ABOUT.search(before)


def _told(before: str, after: str) -> bool:
    """`please do not text me`; not `my kids do not text me`, nor `do not text me while I drive`."""
    return LEAD_IN.fullmatch(before) is not None and not ASKED_ABOUT.search(before) and not ONLY_THEN.match(after)


def _ordered(before: str, after: str) -> bool:
    """`leave me alone`; not `they leave me alone`, nor `do not leave me alone`."""
    return _told(before, after) and not DENIED.search(before)


def _complained(before: str, after: str) -> bool:
    """`why won't you stop texting me`; not `I love that you never stop texting me`."""
    return not PRAISE.search(f"{before} {after}")


def _by_you(before: str, after: str) -> bool:
    return before.endswith(("you", "you guys", "you people")) and _complained(before, after)


def _no_more(before: str, after: str) -> bool:
    """`no more texts`; not `I got no more texts`."""
    return not IN_VAIN.search(before) and not ONLY_THEN.match(after)


def _kindly(before: str, _after: str) -> bool:
    """`I would like it if you stopped texting me`; not `what if you stopped texting me`."""
    return bool(
        re.search(r"\b(?:appreciate|like|love|prefer|great|nice|better|best|thankful|please)(?: \w+)?$", before)
    )


def _my_number(before: str, after: str) -> bool:
    """`lose my number`; not `did I lose my number`."""
    return _wished(before, after) and not re.search(r"\b(?:i|we|did)(?: \w+){0,2}$", before)


def _theirs(before: str, after: str) -> bool:
    """`you have the wrong number`; not `I typed the wrong number`, nor `the wrong number of pills`."""
    return not OUR_SLIP.search(before) and not re.match(r"(?:of|on (?:the|my)|for (?:the|my|our))\b", after)


def _alone(before: str, _after: str) -> bool:
    return not before


# Parts ---------------------------------------------------------------------------------------------------------

NOUNS = one_of(
    "text_messages? texts messages sms notifications alerts spam text_(?:reminders|alerts|service) reminder_texts "
    "communications?"
)
TEXTS = rf"(?:{NOUNS}|texting|messaging)"
PROMPTS = rf"(?:{NOUNS}|reminders|check ins|checkins|surveys|questions|questionnaires)"
WHICH = some_of(
    "all any more further of the this these those your my such me us to him her automated automatic daily weekly "
    "constant stupid annoying unwanted fucking damn freaking dumb other additional future so many you guys out with "
    "clinic phone please from anymore it",
    most=5,
)
GETTING = some_of(
    "to receive receiving recieve get getting have having see seeing be being sent sending in for about of from all "
    "any more further the these those this your such my automated daily constant stupid annoying you guys anymore "
    "other",
    most=6,
)
ME = r"(?:me|us|him|her|them|here|anymore|any more|again|my (?:phone|number|cell)|this (?:number|phone|line|cell))"
MINE = one_of("number phone cell name contact info information digits details")
NUMBER = rf"(?:my (?!old|other|home|work|previous|new)(?:\w+ )?{MINE}|this (?:number|phone|cell))"
THEN = one_of(
    "please now thanks thank thx already anymore any_more immediately asap right again and or so because i we you "
    "sir guys ever every all to for_good"
)
END = rf"(?=$| {THEN}\b)"
SEND_LIST = some_of(
    "your the this that these those all any of my mailing text texting sms message messaging contact call calling "
    "phone notification reminder marketing distribution subscriber auto send",
    most=4,
)
LISTS = one_of(
    "lists? system texts? messages thread group database records service contacts alerts notifications reminders "
    "texting files? chat sms phone texting_thing text_thing"
)
TEXT_ME = one_of("text texting message messaging contact contacting sms")
NOT_TO_SELF = r"(?! (?:my (?!phone|number|cell)|him|her|them|an?|the (?!number))\b)"


def _phrases() -> list[tuple[str, Counts]]:
    not_wanted = one_of(
        "want wish need care like wanting interested desire consent agree agreed consented authorize sign_up "
        "signed_up ask asked request requested subscribe subscribed opt_in opted_in"
    )
    do_not = r"(?:do not|never|not to|to not)"
    off = one_of("off from out off_from off_of out_of")
    permission = one_of("consent permission authorization")
    return [
        (
            rf"(?:stop|quit|cease|cease and desist(?: from)?|discontinue) {WHICH}{TEXT_ME}\b{NOT_TO_SELF}(?: {ME})?",
            _asked_of_us,
        ),
        (r"(?:stop|quit) (?:calling|emailing) (?:and|or|me and|me or) texting", _asked_of_us),
        (
            rf"(?:stop|quit|cease) sending(?:$| {WHICH}(?:{PROMPTS}\b|(?:stuff|shit|crap|anything|these|this|things|"
            rf"me){END}))",
            _asked_of_us,
        ),
        (r"(?:stop|quit) (?:blowing up my phone|hitting me up)", _asked_of_us),
        (rf"(?:stop|quit|cease|halt|discontinue|end) {WHICH}{GETTING}{PROMPTS}\b", _wished),
        (rf"(?:stop|quit) (?:receiving|recieving|getting) (?:these|this|them|those|anything|any){END}", _wished),
        (rf"(?:cancel|turn off|shut off|switch off|disable|deactivate|terminate) {WHICH}{TEXTS}\b", _wished),
        (rf"(?:cancel|end|stop) (?:my|the|this) (?:subscription|sms){END}", _wished),
        (
            rf"(?:do not|no longer|does not|never|not|did not) (?:really |even |actually |ever )?{not_wanted} "
            rf"{GETTING}(?:{PROMPTS}|texting|(?:be |get )?(?:texted|messaged|contacted))\b(?! from (?:my|him|her|"
            rf"them|work)| to (?:stop|end))",
            always,
        ),
        (rf"(?:{do_not}|not) (?:ever |please |you ever |even |be |keep )?{TEXT_ME}(?:$| {ME}\b)", _told),
        (
            rf"{do_not} (?:ever |please |keep )?(?:send|sending) (?:{ME} )?{WHICH}(?:{PROMPTS}|anything|stuff|this|"
            rf"these){END}",
            _told,
        ),
        (rf"no more {WHICH}(?:{TEXTS}|reminders|check ins)\b", _no_more),
        (rf"no (?:more )?{WHICH}{TEXTS}(?: (?:please|thanks|thank you|ever))*$", _alone),
        (rf"(?:prefer|want|need|would like) no (?:more )?{WHICH}{TEXTS}\b", _wished),
        (rf"(?:prefer|rather|want|like) (?:not to|not|to not) {GETTING}{TEXTS}\b", _wished),
        (rf"(?:would you mind|please) not {TEXT_ME}\b", _told),
        (rf"if you (?:would |could |guys |just )*(?:stop|stopped|quit) {TEXT_ME}\b{NOT_TO_SELF}", _kindly),
        (rf"(?<!no ){PROMPTS} (?:(?:need|have|has|must|got|should|ought) )?(?:to )?(?:stop|end|cease)\b", _wished),
        (rf"(?:turn|shut|switch) {WHICH}{TEXTS} off\b", _wished),
        (rf"(?:not|never|no|without) (?:\w+ ){{0,3}}permission to {TEXT_ME}\b", always),
        (r"(?:do not|never|no longer) want to hear from (?:you|this)", always),
        (
            rf"(?:take|remove|get|drop|delete|scratch|pull|strike|erase) (?:me|us|him|her|{NUMBER}) {off} "
            rf"{SEND_LIST}{LISTS}{END}",
            _wished,
        ),
        (rf"(?:remove|delete|erase|lose|drop|block|forget) {NUMBER}{END}", _my_number),
        (rf"(?:be|get|have|been) (?:removed|deleted|taken off)(?: (?:from|off))? {SEND_LIST}{LISTS}{END}", _wished),
        (rf"(?:get|have|want|need) {NUMBER} (?:removed|deleted|taken off)\b", _wished),
        (rf"(?:want|get|come|need|like) (?:me )?(?:off|off of) {SEND_LIST}lists?{END}", _wished),
        (rf"(?:remove|delete|unlist|unenroll) (?:me|us){END}", _wished),
        (rf"take (?:me|us|{NUMBER}) off{END}", _wished),
        (
            rf"unsub(?:scribed?|scribing|s|cribe)?\b(?: from {WHICH}(?:{PROMPTS}|everything|this|these|it|all){END}|"
            rf"(?! from\b))",
            _wished,
        ),
        (r"optout\b", _wished),
        (
            rf"opt(?:ing|ed)? (?:(?:me|us|my number|this number) )?out(?: (?:of|from) {WHICH}{GETTING}(?:{PROMPTS}|"
            rf"texting|everything|this|these|it|them|all|service|program){END}|\b(?! (?:of|from|for)\b))",
            _wished,
        ),
        (
            rf"(?:revok|withdraw|rescind|retract)(?:e|ing|s)? (?:\w+ ){{0,2}}{permission}\b(?! (?:for|to) "
            rf"(?!{WHICH}{GETTING}(?:{PROMPTS}|text|message|contact)))",
            _wished,
        ),
        (
            r"(?:(?:will|can|do|could|would) not|refuse to|never) (?:ever |just |please )?stop (?:texting|messaging|"
            r"sending)",
            _by_you,
        ),
        (
            r"(?:will|can|could|would|do) not you (?:guys |just |please |ever )*stop (?:texting|messaging|sending)",
            _complained,
        ),
        (r"if you (?:guys )?(?:do|will) not (?:ever |just |please )?stop (?:texting|messaging|sending)", _complained),
    ]


def _doubtful() -> list[tuple[str, Counts]]:
    bother = one_of(
        "bothering harassing spamming bugging pestering pinging writing writing_to annoying asking calling_and_texting"
    )
    i_said = one_of(
        "said texted typed wrote sent replied replied_with told_you told_you_to asked_you_to want_you_to need_you_to "
        "would_like_you_to told_you_guys_to asked_you_guys_to"
    )
    return [
        (rf"(?:stop|quit) {bother} (?:me|us)\b", _ordered),
        (r"(?:do not|never) (?:ever )?(?:bother|harass) (?:me|us)\b", _told),
        (rf"(?:enough|done|sick|tired|fed up|over|through) (?:with |of )?{WHICH}{TEXTS}\b", _wished),
        (r"(?:please )?stop (?:i|we|you|who)\b", _alone),
        (r"leave (?:me|us) (?:the (?:hell|fuck|heck) |tf )?(?:alone|be)\b", _ordered),
        (
            r"(?:i am|i will|am|will|going to|have to|about to|gotta) (?:be )?(?:block|blocking|report|reporting) "
            r"(?:you|this number|your number)\b",
            _wished,
        ),
        (rf"(?:i|we) (?:have )?(?:already |just )?{i_said} stop$", always),
        (r"(?:can|could|will|would) you (?:please |just |guys )*stop(?: please| now| this| it)?$", _alone),
    ]


def _wrong_person() -> list[tuple[str, Counts]]:
    whom = one_of(
        "number phone_number cell_number phone person guy girl lady woman man patient recipient cell contact texts?"
    )
    return [
        (rf"(?:wrong|incorrect) {whom}\b", _theirs),
        (r"not (?:the )?(?:right|correct) (?:number|person|phone)\b", _theirs),
        (r"(?:not|no longer) (?:his|her|their|\w+s) (?:number|phone|cell)\b", _wished),
        (r"(?:number|phone) (?:no longer|does not|do not) belongs? to\b", always),
        (r"not (?:the|that) (?:person|patient|guy|one) (?:you|who|they)\b", always),
        (r"not who you (?:think|are|want)", always),
        (r"(?:no one|nobody|no) (?:\w+ )?(?:here )?(?:(?:by|with) that name|named \w+|called \w+|by the name)", always),
        (r"i am not (?:a|your|one of your) patients?\b(?! (?:anymore|yet|person|man|woman|enough))", always),
        (r"(?:does not|do not|no longer) (?:has|have|own|use|uses) this (?:number|phone)\b", always),
        (r"belongs to (?:someone|somebody|another|a different)\b", always),
        (r"not know (?:any|anyone|anybody|a person) (?:named|called|by that name)\b", always),
        (r"new (?:phone|number) who (?:is this|dis|this|is dis)\b", always),
        (r"(?:just|only|recently) got this (?:number|phone number|phone|sim)\b", always),
    ]


ENGLISH = (
    *(Phrase(re.compile(rf"\b{pattern}"), counts, kind="wrong_person") for pattern, counts in _wrong_person()),
    *(Phrase(re.compile(rf"\b{pattern}"), counts) for pattern, counts in _phrases()),
    *(Phrase(re.compile(rf"\b{pattern}"), counts, is_sure=False) for pattern, counts in _doubtful()),
)
