"""Words for people: patients, relatives, things that have an age of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set
from enum import IntFlag
from functools import lru_cache
from re import Match, Pattern

MALE = (
    "man|boy|gentleman|schoolboy|widower|businessman|fisherman|policeman|fireman|salesman|workman|"
    "sportsman|craftsman|serviceman|husbandman|infant boy|mans"  # a lost apostrophe: 'the mans arm'
)
FEMALE = (
    r"woman|girl|lady|schoolgirl|widow(?!\s+spider)|housewife|businesswoman|policewoman|nun|primigravida|"
    "multigravida|womans|ballerina|saleswoman|sportswoman|servicewoman"
)
MALE_PLURAL = "men|boys|gentlemen|males"
FEMALE_PLURAL = "women|girls|ladies|females"
NEUTRAL = (
    "patient|child|infant|neonate|newborn|baby|toddler|teenager|adolescent|adult|individual|person|"
    "subject|volunteer|case|proband|smoker|worker|farmer|student|soldier|athlete|recipient|donor|"
    "octogenarian|nonagenarian|septuagenarian|youth|preschooler|schoolchild|twins?|sibling"
)
#: relatives who may be the patient ("the 16-year-old daughter") …
OFFSPRING = "son|daughter|brother|sister|twin|sibling|cousin|niece|nephew|grandson|granddaughter"
#: … and those who practically never are
ELDERS = (
    "mother|father|parents?|aunt|uncle|grandmother|grandfather|grandparents?|wife|husband|spouse|"
    "partner|relatives?|family"
)
RELATIVE_SEX = {
    "son": "male", "brother": "male", "nephew": "male", "grandson": "male", "father": "male",
    "husband": "male", "uncle": "male", "grandfather": "male",
    "daughter": "female", "sister": "female", "niece": "female", "granddaughter": "female",
    "mother": "female", "wife": "female", "aunt": "female", "grandmother": "female",
}  # fmt: skip
PERSON = f"{MALE}|{FEMALE}|male|female|{NEUTRAL}"
#: what else can be so-and-so many years old
THINGS = (
    "lesions?|scars?|colon(?:y|ies)|cultures?|wounds?|ulcers?|tattoos?|burns?|grafts?|history|"
    "implants?|fractures?|plaques?|nodules?|tumou?rs?|nae?v(?:us|i)|moles?|specimens?|biops(?:y|ies)|"
    "slides?|blocks?|embryos?|f(?:o)?etus(?:es)?|gestation|pregnancy|infection|eruptions?|rash|"
    "abscess(?:es)?|haematomas?|hematomas?|thrombus|bruises?|blisters?|warts?|cysts?|keloids?|"
    "amputation|transplants?|anastomosis|prosthes[ie]s|implantation|incisions?|stoma|fistulas?|"
    "injury|injuries|trauma|disease|condition|mouse|mice|rats?|rabbits?|pigs?|dogs?|cats?|plants?|"
    "seedlings?|photographs?|pictures?|textbook|bruise|sutures?|depigmentation|patch(?:es)?"
)
#: animals of laboratories and stables; a text about them has no patient
ANIMALS = (
    "mice|mouse|rats?|rabbits?|pigs?|piglets?|dogs?|puppy|cats?|kitten|cows?|calf|calves|heifers?|"
    "bulls?|horses?|foals?|mares?|sheep|lambs?|goats?|monkeys?|macaques?|zebrafish|chicks?|"
    "hamsters?|ferrets?|setter|retriever|terrier|spaniel|dachshund|labrador|beagle|poodle|bulldog|"
    "sheepdog|greyhound|mastiff|schnauzer|rottweiler|chihuahua|canine|feline|bovine|equine|porcine|"
    "cattle|holstein|llamas?|alpacas?|parrots?|tortoises?|snakes?|lizards?|fish|dolphins?|"
    "whales?|porpoises?|bats?|deer|elephants?|chickens?|turtles?|frogs?|insects?|drosophila"
)
#: statements about populations, not about a patient
_GENERIC: Pattern[str] = re.compile(
    r"\b(?:typically|usually|often|commonly|commonest|commoner|common(?= in)|uncommon|rare(?= in)|"
    r"predilection|inherit\w*|autosomal|"
    r"(?:seen|found|encountered) (?:in|on|among) (?:young |older |adult |elderly )|"
    r"frequent(?:ly)?\s+(?:in|among|seen|found|affect\w*|associated)|chance|"
    r"more likely|tends?|affects?|affecting|occurs?|mainly|predominantly|predominates?|rarely|"
    r"prevalence|incidence|recommended|susceptible|peaks?|generally|especially|particularly|"
    r"likelihood|screening|on average|(?:average|mean|median) age|most (?:patients|cases|people)|"
    r"times (?:as|more)|in general|population|ratio|all ages|any age|vaccin\w+|each year|"
    r"must|can|may)\b"
)


def speaks_in_general(sentence: str) -> bool:
    """Whether a sentence makes a statement about a population, not about one patient."""
    return _GENERIC.search(sentence.lower()) is not None


def compiled(pattern: str, flags: int = re.I) -> Pattern[str]:
    """Compile a pattern; case is ignored unless flags say otherwise."""
    return re.compile(pattern, flags)


def words_of(alternatives: str) -> frozenset[str]:
    """Return the single words an alternation can begin or stand for ('twins?' gives both)."""
    found: set[str] = set()
    for option in alternatives.split("|"):
        word = re.match(r"[a-z]+", option)
        if word:
            found.add(word.group())
            if "?" in option:
                found.add(word.group().removesuffix("s"))
    return frozenset(found)


def matches_at(pattern: Pattern[str], low: str, starts: Set[str]) -> Iterator[Match[str]]:
    """Yield what ``pattern`` matches where one of the words ``starts`` begins, as finditer would.

    Looking only there is several times faster than trying every character of the text.
    """
    places = set()
    for word in starts:
        place = low.find(word)
        while place >= 0:
            places.add(place)
            place = low.find(word, place + 1)
    end = 0
    for place in sorted(places):
        if place >= end and (m := pattern.match(low, place)) is not None:
            yield m
            end = m.end()


class Kind(IntFlag):
    """What the words around a mention speak of."""

    NOTHING = 0
    THING = 1
    ANIMAL = 2
    KIN = 4
    CHILD = 8


_WORD = re.compile(r"[a-z]+")
_KINDS = (
    (Kind.THING, re.compile(THINGS)),
    (Kind.ANIMAL, re.compile(ANIMALS)),
    (Kind.KIN, re.compile(f"{ELDERS}|{OFFSPRING}")),
    (
        Kind.CHILD,
        re.compile(
            "f(?:o)?etus(?:es)?|embryos?|placenta|offspring|son|daughter|neonate|newborn|infant|"
            "child|baby|twins?|abortus|conceptus"
        ),
    ),
)


def kinds_in(low: str) -> int:
    """Return the kinds of all words of a lower-case text, joined."""
    kinds = 0
    for word in _WORD.findall(low):
        kinds |= _kind(word)
    return kinds


@lru_cache(maxsize=65536)
def _kind(word: str) -> int:
    return sum(kind for kind, rule in _KINDS if rule.fullmatch(word))
