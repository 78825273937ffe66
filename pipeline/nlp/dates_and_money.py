"""``dates_and_money``: DATE and MONEY by rule, beside the names that ``ner`` finds.

Both are written in few ways, so rules find them without training data. Runs after ``ner`` and never touches an entity
that is there already.
"""

import re
from collections.abc import Iterator

from spacy.language import Language
from spacy.tokens import Doc

_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|(?:Jan|Feb|Mar|Apr|Aug|Sept?|Oct|Nov|Dec)\.)"
)
# March and May are words and names too, and need something before them.
_ONLY_MONTH = r"(?:January|February|April|June|July|August|September|October|November|December)"
_WEEKDAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_DAY = r"(?:[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?"
_YEAR = r"(?:1[4-9]|20)\d\d"
_COUNT = (
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|forty|fifty"
    r"|\d{1,3}|few|couple\ of|several|many)"
)
_UNIT = r"(?:day|week|weekend|month|quarter|year|decade|century)"
_UNITS = r"(?:days?|weeks?|months?|years?|decades?|centuries|century)"
_PART = r"(?:early|late|mid)[ -]"

# What follows a number that reads like a year but counts something.
_COUNTED = (
    r"(?:percent|per\ cent|people|men|women|children|troops|soldiers|dollars|euros|pounds|miles|km|feet|words|votes)"
)

_DATE = re.compile(
    rf"""(?<![\w$€£¥.,/-])(?:
      (?:{_WEEKDAY},?\ )?{_MONTH}\ {_DAY}(?:,?\ {_YEAR})?(?![\d,.]\d)                   # October 26, 2018
    | (?:{_WEEKDAY},?\ )?(?:the\ )?{_DAY}(?:\ of)?\ {_MONTH}(?:,?\ {_YEAR})?            # 24 December 2018
    | (?:{_PART})?{_MONTH},?\ (?:of\ )?{_YEAR}                                          # March 2020
    | (?:(?:[Ll]ast|[Tt]his|[Nn]ext)\ )?(?:{_PART})?{_ONLY_MONTH}                         # September
    | (?:(?:[Ll]ast|[Tt]his|[Nn]ext)\ (?:{_PART})?|{_PART}|(?<=\b[Ii]n\ )|(?<=\b[Ss]ince\ )|(?<=\b[Uu]ntil\ ))(?:March|May)
    | {_YEAR}-(?:0[1-9]|1[0-2])-(?:[0-2]\d|3[01])                                       # 2018-12-24
    | (?:[Tt]he\ )?(?:{_PART})?(?:(?:1[1-9]|20)\d0|['’]?[1-9]0)['’]?s                   # the late 1990s
    | (?:[Tt]he\ )?(?:{_PART})?(?:[12]?\d(?:st|nd|rd|th)|nineteenth|twentieth|twenty-first)[\ -]century
    | (?:[Ll]ast|[Tt]his|[Nn]ext)\ (?:{_UNIT}|{_WEEKDAY}|spring|summer|autumn|fall|winter)
    | (?:[Tt]he\ )?(?:past|last|next|previous|coming)\ (?:{_COUNT}\ )?{_UNITS}
    | (?:(?:[Aa]n?|[Tt]he)\ )?(?:{_COUNT}\ )?{_UNITS}\ (?:ago|earlier|later)
    | {_WEEKDAY}(?:\ (?:morning|afternoon|evening|night))?
    | (?:[Yy]esterday|[Tt]omorrow|[Tt]oday|[Tt]onight)
    | (?:(?:spring|summer|autumn|fall|winter)\ of\ )?(?:{_PART})?{_YEAR}(?:[-–](?:{_YEAR}|\d\d))?
      (?![-–/]|[.,]\d|\ ?%|\ {_COUNTED}\b)                                              # 2015, 2015-16
    )(?!\w)""",
    re.VERBOSE,
)

_NUMBER = r"\d+(?:,\d{3})*(?:\.\d+)?"
_SCALE = r"(?:thousand|million|billion|trillion|[mM]illion|bn|tn|m|k|M|B|T|K)"
_WORD_SCALE = r"(?:hundred|thousand|million|billion|trillion)"
_CURRENCY = (
    r"(?:(?:U\.?S\.?|American|Canadian|Australian|Hong\ Kong)\ )?(?:dollars?|cents?|pence|euros?|pounds?(?:\ sterling)?"
    r"|rubles?|roubles?|yen|yuan|renminbi|rupees?|pesos?|shekels?|francs?|riyals?|lira|won|USD|EUR|GBP)"
)
_WORDS = r"(?:(?:a|one|two|three|four|five|six|seven|eight|nine|ten|twenty|fifty|several|hundreds\ of|tens\ of)\ )"

_MONEY = re.compile(
    rf"""(?<![\w.,])(?:
      (?:US|CA|C|AU|A|NZ|HK|S|R)?[$€£¥₹]\ ?{_NUMBER}(?:[-–](?:[$€£¥])?{_NUMBER})?(?:[\ -]?{_SCALE}(?!\w))?   # $3.5 billion
      (?:\ {_CURRENCY}(?!\w))?
    | (?:{_NUMBER}|{_WORDS}{_WORD_SCALE}(?:s\ of)?|(?:hundreds|thousands|millions|billions|trillions)\ of)
      [\ -](?:(?:hundred|thousand|million|billion|trillion|bn|m)[\ -])?(?:of\ )?{_CURRENCY}(?!\w)            # 50 million dollars
    | (?:{_WORDS}){_CURRENCY}(?!\w)
    | (?:USD|EUR|GBP|CHF)\ ?{_NUMBER}(?:[\ -]?{_SCALE}(?!\w))?
    | {_NUMBER}(?:\ ?{_SCALE})?\ ?[€£]
    )""",
    re.VERBOSE,
)
# "Ten pounds of rice", "a pound of flesh": weight, not money.
_WEIGHT = re.compile(r"(?:lbs?|pounds?)\ of\b")


class DatesAndMoney:
    """Adds entities DATE and MONEY to those a document has."""

    def __call__(self, doc: Doc) -> Doc:
        """Sets ``doc.ents``; a match that overlaps an entity, or ends inside a token, is left out."""
        taken = {i for entity in doc.ents for i in range(entity.start, entity.end)}
        found = []
        for label, start, end in _matches(doc.text):
            # spaCy's tokenizer keeps a full stop with the unit before it ("€200m."): better with it than not at all.
            span = doc.char_span(start, end, label=label) or doc.char_span(start, end + 1, label=label)
            if span is not None and taken.isdisjoint(range(span.start, span.end)):
                taken.update(range(span.start, span.end))
                found.append(span)
        if found:
            doc.set_ents(found, default="unmodified")
        return doc


def _matches(text: str) -> Iterator[tuple[str, int, int]]:
    """(label, start, end) in code points; money first, since an amount can read like a year."""
    for match in _MONEY.finditer(text):
        end = match.end()
        if not _WEIGHT.search(text, match.start(), end + 4):
            yield "MONEY", match.start(), end
    for match in _DATE.finditer(text):
        yield "DATE", *match.span()


@Language.factory("dates_and_money", assigns=["doc.ents"], requires=[], retokenizes=False)
def create_dates_and_money(nlp: Language, name: str) -> DatesAndMoney:
    """The component for ``nlp.add_pipe("dates_and_money", after="ner")``."""
    return DatesAndMoney()
