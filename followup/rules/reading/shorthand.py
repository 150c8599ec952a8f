"""Words written out: contractions, the short forms of thumbs, letters held down too long."""

import re
from collections.abc import Mapping

from followup.rules.reading.unmasking import HIDDEN

ENDINGS = (
    ("n't", " not"),
    ("'ll", " will"),
    ("'ve", " have"),
    ("'re", " are"),
    ("'m", " am"),
    ("'d", " would"),
)
IS = frozenset(
    [
        "he",
        "she",
        "it",
        "that",
        "what",
        "there",
        "who",
        "here",
        "where",
        "how",
        "how",
        "everything",
        "everyone",
        "nothing",
    ]
)
"""After these `'s` is `is`; else it says whose."""
ODD: Mapping[str, str] = {"can't": "can not", "won't": "will not", "shan't": "shall not", "ain't": "is not"}

SHORT: Mapping[str, str] = {
    "dont": "do not",
    "dnt": "do not",
    "doesnt": "does not",
    "didnt": "did not",
    "wont": "will not",
    "cant": "can not",
    "cannot": "can not",
    "couldnt": "could not",
    "wouldnt": "would not",
    "shouldnt": "should not",
    "isnt": "is not",
    "arent": "are not",
    "wasnt": "was not",
    "werent": "were not",
    "havent": "have not",
    "hasnt": "has not",
    "hadnt": "had not",
    "aint": "is not",
    "im": "i am",
    "iam": "i am",
    "ima": "i am going to",
    "imma": "i am going to",
    "id": "i would",
    "ill": "i will",
    "ive": "i have",
    "hes": "he is",
    "shes": "she is",
    "theyre": "they are",
    "theyd": "they would",
    "theyll": "they will",
    "youre": "you are",
    "youll": "you will",
    "itll": "it will",
    "its": "it is",
    "thats": "that is",
    "whats": "what is",
    "theres": "there is",
    "wanna": "want to",
    "gonna": "going to",
    "gunna": "going to",
    "gotta": "got to",
    "tryna": "trying to",
    "finna": "going to",
    "boutta": "about to",
    "outta": "out of",
    "lemme": "let me",
    "gimme": "give me",
    "dunno": "do not know",
    "idk": "i do not know",
    "idc": "i do not care",
    "idgaf": "i do not care",
    "u": "you",
    "ur": "your",
    "r": "are",
    "shouldve": "should have",
    "couldve": "could have",
    "wouldve": "would have",
    "shoulda": "should have",
    "coulda": "could have",
    "woulda": "would have",
    "everyones": "everyone is",
    "everybodys": "everybody is",
    "wnt": "want",
    "wnna": "want to",
    "wana": "want to",
    "gona": "going to",
    "gna": "going to",
    "jus": "just",
    "nt": "not",
    "thts": "that is",
    "diee": "die",
    "myslf": "myself",
    "em": "them",
    "2nite": "tonight",
    "2night": "tonight",
    "2day": "today",
    "2moro": "tomorrow",
    "2morrow": "tomorrow",
    "any1": "anyone",
    "some1": "someone",
    "b4": "before",
    "thru": "through",
    "tho": "though",
    "thot": "thought",
    "thots": "thoughts",
    "thght": "thought",
    "thoughs": "thoughts",
    "bc": "because",
    "cuz": "because",
    "coz": "because",
    "becuz": "because",
    "rn": "right now",
    "tn": "tonight",
    "tonite": "tonight",
    "tmrw": "tomorrow",
    "tmrws": "tomorrows",
    "tmr": "tomorrow",
    "tmw": "tomorrow",
    "tomm": "tomorrow",
    "tommorow": "tomorrow",
    "tomorow": "tomorrow",
    "anymor": "anymore",
    "nemore": "anymore",
    "evry": "every",
    "evryone": "everyone",
    "every1": "everyone",
    "no1": "no one",
    "noone": "no one",
    "sum1": "someone",
    "w/o": "without",
    "w/": "with",
    "wo": "without",
    "ppl": "people",
    "abt": "about",
    "pls": "please",
    "plz": "please",
    "meself": "myself",
    "mself": "myself",
    "myslef": "myself",
    "mysef": "myself",
    "myselff": "myself",
    "himslef": "himself",
    "herslef": "herself",
    "kil": "kill",
    "kll": "kill",
    "killl": "kill",
    "thx": "thanks",
    "ty": "thank you",
    "q": "que",
    "xq": "porque",
    "pq": "porque",
    "toy": "estoy",
    "pa": "para",
    "tb": "tambien",
    "tmb": "tambien",
}
HELD = re.compile(r"(.)\1{2,}")


def hold_less(piece: str) -> str:
    """Letters held down too long: `sooo` is `so`, `diiiie` is `die`, `goood` is `good`."""
    if not HELD.search(piece):
        return piece
    once = HELD.sub(r"\1", piece)
    if once in HIDDEN:
        return once
    return HELD.sub(lambda held: held[1] * (1 if held.end() == len(piece) else 2), piece)


def written_out(word: str) -> list[str]:
    """One word, or the two of a contraction: `don't` and `dont` are `do not`."""
    word = word.strip("'") or word
    plain = _without_apostrophe(word) if "'" in word else SHORT.get(word, word)
    return plain.split()


def _without_apostrophe(piece: str) -> str:
    if piece in ODD:
        return ODD[piece]
    for ending, words in ENDINGS:
        if piece.endswith(ending) and len(piece) > len(ending):
            return (piece.removesuffix(ending) + words).replace("'", "")
    if piece.endswith("'s") and piece[:-2] in IS:
        return f"{piece[:-2]} is"
    bare = piece.replace("'", "")
    return SHORT.get(bare, bare)
