"""What single lines of an article look like when they are no prose: dates, bylines, bios, the furniture of web pages.

Every pattern takes time linear in the line; callers give them short lines only, except for bios.
"""

import datetime
import re
from dataclasses import dataclass

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)\.?"
)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])(?:st|nd|rd|th)?"
_YEAR = r"(?:1[89]|20)\d\d"
_PREFIX = (
    r"(?:(?:first |last )?(?:published|posted|updated|modified|created|issued|date)(?: online)?(?: on| at)?\s*:?\s*)?"
)
_WEEKDAY = r"(?:(?:mon|tue|tues|wed|wednes|thu|thur|thurs|fri|sat|satur|sun)(?:day)?\.?,?\s+)?"
_TIME = (
    r"(?:[\s,|·•–—-]*(?:at\s+)?\d{1,2}[:.h]\d{2}(?::\d{2})?\s*(?:[ap]\.?m\.?)?\s*(?:\(?[a-z]{1,5}\)?(?:[+-]\d+)?)?)?"
)
_DATE = (
    rf"(?:(?P<d1>{_DAY})\s+(?:of\s+)?(?P<m1>{_MONTH}),?\s+(?P<y1>{_YEAR})"
    rf"|(?P<m2>{_MONTH})\s+(?P<d2>{_DAY}),?\s+(?P<y2>{_YEAR})"
    r"|(?P<y3>(?:1[89]|20)\d\d)-(?P<m3>0[1-9]|1[0-2])-(?P<d3>0[1-9]|[12]\d|3[01])(?:T[\d:.]+Z?(?:[+-][\d:]+)?)?"
    r"|(?P<a>\d{1,2})[/.](?P<b>\d{1,2})[/.](?P<y4>(?:1[89]|20)\d\d))"
)
_DATE_LINE = re.compile(rf"{_PREFIX}{_WEEKDAY}{_DATE}{_TIME}\W*", re.IGNORECASE)
_DATE_WITHIN = re.compile(rf"(?<!\w){_WEEKDAY}{_DATE}", re.IGNORECASE)

_PARTICLE = r"(?:de|del|della|der|den|van|von|al|el|bin|ibn|la|le|du|di|da|dos|ter|ten|y)"
_WORD = r"(?:(?:Mc|Mac|O['’]|D['’]|al-|el-)?[^\W\d_a-z][\w'’.-]*)"
NAME = rf"{_WORD}(?:\s+(?:{_WORD}|{_PARTICLE})){{0,4}}\s+{_WORD}"
_NAMES = rf"{NAME}(?:(?:\s*,\s*|\s+and\s+|\s*&\s*|\s*,\s*and\s+){NAME}){{0,5}}"
_AFFILIATION = r"(?:\s*(?:[|,;·•–—(/]|\s-\s|\s(?:for|in|at|from)\s).*)?"
_BYLINE = re.compile(
    r"(?i:(?:(?:words|written|story|text|opinion|analysis|comment|commentary|column|essay|guest (?:post|column|essay))\s+)?by:?"
    rf"|authors?:|words:|writers?:)\s+(?P<names>{_NAMES}){_AFFILIATION}"
)
_SIGNATURE = re.compile(rf"[—–-]{{1,2}}\s*(?P<names>{_NAMES})\W*")
_NAME_LINE = re.compile(rf"(?P<names>{_NAMES})(?:\s*[|·•–—/]\s*[^|]*)?")
_HONORIFIC = re.compile(r"^(?:Dr|Prof|Professor|Mr|Mrs|Ms|Sir|Dame|Rev)\.?\s+(?=\S+\s+\S)")
_BETWEEN_NAMES = re.compile(r"\s*,\s*and\s+|\s*,\s*|\s+and\s+|\s*&\s*")
_NOT_NAMES = frozenset(
    [
        "the",
        "a",
        "an",
        "of",
        "in",
        "on",
        "for",
        "with",
        "why",
        "how",
        "what",
        "when",
        "who",
        "our",
        "my",
        "your",
        "its",
        "their",
        "this",
        "that",
        "these",
        "those",
        "is",
        "are",
        "was",
        "not",
        "no",
        "we",
        "it",
        "opinion",
        "editorial",
        "comment",
        "analysis",
        "news",
        "world",
        "politics",
        "business",
        "guest",
        "staff",
        "special",
        "read",
        "share",
        "more",
        "new",
        "university",
        "times",
        "post",
        "journal",
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ]
)

_SERVICES = r"(?:facebook|twitter|x|linkedin|whatsapp|reddit|pinterest|instagram|telegram|threads|bluesky|email|e-mail|print|link)"
_FURNITURE = re.compile(
    r"(?:"
    r"(?:no|\d+|leave a|post a|view(?: all)?|add a?|show|hide|join the|read the)\s+(?:comments?|replies|reply|conversation|discussion)\s*[:.]?"
    r"|comments?(?:\s*\(?\d+\)?|\s+(?:are\s+)?(?:closed|off)|\s+section)?\s*[:.]?"
    rf"|(?:share|tweet|pin|like|save|bookmark|follow us|copy link)(?:\s+(?:this|on|via|to|with|it|article|story|post|page|{_SERVICES})\b[^.!?]{{0,60}})?\s*[:.!]?"
    rf"|{_SERVICES}(?:[\s,|/·•]+{_SERVICES})*"
    r"|(?:subscribe|sign\s?up|register)(?:\s*(?:now|today|here|free)?\s*[:.!]?|\s+(?:to|for|now|today|here|and)\b.{0,160})"
    r"|(?:log|sign)\s+in(?:\s+(?:to|or)\b.{0,60})?"
    r"|(?:get|receive|join|enjoy(?:ing)?|want|support|like what you)\b.{0,120}\b(?:newsletters?|inbox|subscri(?:be|bers?|ption)|donat(?:e|ion)|membership)\b.{0,60}"
    r"|.{0,60}\bnewsletter\s*[:.!]?"
    r"|(?:advertisement|advertising|sponsored(?: content| by.{0,60})?|promoted(?: content)?|ad)\s*[:.]?"
    r"|(?:article|story|text)\s+continues\s+(?:below|after).{0,60}|continue\s+reading.{0,60}|scroll\s+(?:down|to)\b.{0,60}"
    r"|(?:read|see|find\s+out|learn|show|load)\s+(?:more|also|next|less)(?:\s*[:>»…].{0,200}|\s*\.{0,3})"
    r"|read\s+more\s+(?:about|on|from)\b.{0,100}"
    r"|(?:related|recommended|trending|popular|latest|most\s+(?:read|popular|viewed))(?:\s+(?:articles?|stories|story|posts?|topics?|content|reading|news|now|for\s+you))?(?:\s*:.{0,200})?"
    r"|more\s+(?:from|in|on|stories|like\s+this)\b[^.!?]{0,80}|you\s+(?:may|might)\s+(?:also\s+)?like.{0,40}"
    r"|skip\s+to\s+.{0,30}|back\s+to\s+.{0,30}|(?:main\s+)?menu|home|search|close|next|previous|toggle.{0,30}"
    r"|(?:home|news|opinion)(?:\s*[>»/|]\s*[\w &-]{1,30}){1,5}"
    r"|(?:©|\(c\)|copyright\b).{0,200}|all\s+rights\s+reserved\.?|terms\s+(?:of|and).{0,60}|privacy\s+policy.{0,60}|cookie.{0,40}"
    r"|\d{1,3}[\s-]min(?:ute)?s?\s+read|(?:estimated\s+)?reading\s+time\b.{0,30}|listen\s+to\s+this\s+article.{0,40}"
    r"|\d[\d.,]*[km]?\s+(?:shares?|likes?|views?|retweets?|claps?|reads?|reactions?)"
    r"|(?:photo(?:graph|s)?|image|picture|illustration|credit|source)(?:\s+(?:by|credit|courtesy(?:\s+of)?))?\s*:.{0,120}"
    r"|.{0,250}\((?:via\s|[^()]{0,60}[/:]\s?)?(?:reuters|ap|associated press|afp|getty|epa|shutterstock|youtube|screenshot)\b[^()]{0,40}\)"
    r"|(?:tags?|tagged|filed\s+under|topics?|categor(?:y|ies)|labels?|posted\s+in|keywords?)\s*:.{0,200}"
    r"|(?:opinion|editorial|comment|commentary|op-ed|analysis|column|viewpoint|letters?|perspective|leader)s?"
    r"|https?://\S+|www\.\S+"
    r"|[-*_=#~·•\s]{3,}"
    r")",
    re.IGNORECASE,
)

_DISCLAIMER = re.compile(
    r"(?:the\s+)?(?:views?|opinions?)(?:\s+and\s+(?:views?|opinions?))?\s+(?:here|expressed|stated|in\s+this)\b"
    r"|(?:this|the)\s+(?:article|piece|essay|column|op-ed|commentary|post|story|text|blog\s+post|content)\s+(?:was|is|has\s+been|first|originally|also|appeared)\b.{0,80}?\b(?:published|appeared|posted|updated|amended|corrected|adapted|reprinted|republished|produced|part\s+of|sponsored)\b"
    r"|(?:originally|first)\s+(?:published|appeared)\b|reprinted\s+(?:from|with)\b|(?:correction|editor['’]?s\s+note)\s*:"
    r"|about\s+the\s+(?:authors?|writers?)\b|the\s+(?:author|writer)s?\s+(?:is|are|was|has|teaches|serves|works)\b"
    r"|follow\s+(?:him|her|them|@|[A-Z]\w+.{0,40}\bon\s+(?:twitter|x|facebook|instagram))|(?:twitter|x|email|e-mail)\s*:\s*\S*@"
    r"|to\s+(?:find\s+out\s+more\s+about|read\s+features\s+by|contact)\b",
    re.IGNORECASE,
)
_ROLE = (
    r"(?:fellow|professor|lecturer|scholar|director|editor|author|columnist|writer|analyst|minister|ambassador|diplomat|senator"
    r"|congress(?:man|woman)|member|economist|journalist|chair(?:man|woman|person)?|founder|co-founder|researcher|scientist"
    r"|contributor|correspondent|reporter|executive|CEO|president|attorney|lawyer|historian|physician|doctor|teacher|student"
    r"|candidate|consultant|strategist|adviser|advisor|activist|organi[sz]er|engineer|farmer|officer|secretary|commissioner"
    r"|representative|governor|mayor|novelist|poet|head|partner|associate|specialist|commentator|producer|blogger"
    r"|policymaker|nurse|planner|ecologist|biologist|veteran|coordinator|manager|principal|dean|chief)s?"
)
_IS_ROLE = re.compile(
    rf"(?:\s*[,(][^.]{{0,80}}[,)])?\s+(?:is|are|was|were)\s+(?:(?:also|currently|now|both|formerly|presently)\s+)?"
    rf"(?:a|an|the|co-|one\s+of|[\w'’-]+['’]s|{_ROLE})\b.{{0,160}}?\b{_ROLE}\b"
)
_IS = re.compile(r"\s+(?:is|are|was|were)\s+(?:a|an|the|now|currently|formerly)\b")
_DOES = re.compile(
    r",?\s+(?:teaches|works|serves|served|directs|leads|blogs|tweets|lives|studied|farms|practi[cs]es|chairs|edits|reports"
    r"|covers|runs|writes\s+(?:for|about|on|from|a))\b"
    rf"|,\s+(?:a|an|the|formerly)\b.{{0,100}}?\b{_ROLE}\b"
)
_STARTS_WITH_NAME = re.compile(rf"(?:(?:Dr|Prof|Mr|Ms|Mrs|Sir|Rev|Sen|Rep|Gen)\.?\s+)?{NAME}")
_URGES = re.compile(r"\b(?:should|must|ought|need(?:s)? to|let us|has to|have to|had better)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class DateLine:
    """A date that was recognised; ``iso`` is None where the day and the month cannot be told apart or do not exist."""

    iso: str | None


def date_line(line: str) -> DateLine | None:
    """The date that a line consists of ("Published: March 3, 2021 at 5:00 p.m."), or None.

    In 03/04/2018 nobody can tell the day from the month: it is a date, but no ISO date is made of it.
    """
    match = _DATE_LINE.fullmatch(line) if len(line) < 100 else None
    return DateLine(_iso(match)) if match else None


def date_within(line: str) -> str | None:
    """The ISO date somewhere in a line, or None."""
    match = _DATE_WITHIN.search(line)
    return _iso(match) if match else None


def _iso(match: re.Match[str]) -> str | None:
    groups = match.groupdict()
    if groups["a"]:
        first, second, year = int(groups["a"]), int(groups["b"]), int(groups["y4"])
        if first <= 12 and second <= 12 and first != second:
            return None
        day, month = (first, second) if second <= 12 else (second, first)
    else:
        which = next(number for number in "123" if groups[f"y{number}"])
        year, named = int(groups[f"y{which}"]), groups[f"m{which}"]
        day = int(re.sub(r"\D", "", groups[f"d{which}"]))
        month = int(named) if named.isdigit() else MONTHS.index(named[:3].lower()) + 1
    try:
        return datetime.date(year, month, day).isoformat()
    except ValueError:
        return None


def byline(line: str) -> str | None:
    """The authors that a byline names ("By Jane Doe, Special to the Bee"), joined by commas, or None."""
    return _match_names(_BYLINE, line)


def signature(line: str) -> str | None:
    """The authors that a signature under a text names ("— Jane Doe"), or None."""
    return _match_names(_SIGNATURE, line)


def name_line(line: str) -> str | None:
    """The authors where a line is nothing but names, and perhaps an outlet ("Jane Doe | The Daily"), or None."""
    return _match_names(_NAME_LINE, line) if len(line) < 80 else None


def _match_names(pattern: re.Pattern[str], line: str) -> str | None:
    match = pattern.fullmatch(line) if len(line) < 160 else None
    if match is None:
        return None
    names = [_HONORIFIC.sub("", " ".join(name.split())) for name in _BETWEEN_NAMES.split(match["names"]) if name]
    for name in names:
        if any(word.lower() in _NOT_NAMES for word in name.split()):
            return None
    return ", ".join(name.title() if name.isupper() and len(name) > 4 else name for name in names)


def is_furniture(line: str) -> bool:
    """Whether a line belongs to the page and not to the article: "Share this", "No comments:", "Advertisement"."""
    return len(line) < 300 and _FURNITURE.fullmatch(line) is not None


def is_disclaimer(paragraph: str) -> bool:
    """Whether a closing paragraph says where the text appeared or whose views it holds."""
    return _DISCLAIMER.match(paragraph[:300]) is not None


def is_bio(paragraph: str, author: str | None) -> bool:
    """Whether a closing paragraph tells who the author is.

    It begins with the author's name, or with anybody's where the author is not known, says what that person is or
    does, and urges nobody to do anything.
    """
    if len(paragraph) > 1500 or _URGES.search(paragraph):
        return False
    head = paragraph[:400]
    for name in author.split(", ") if author else ():
        for form in (name, name.split()[-1]):
            if head.casefold().startswith(form.casefold()):
                return any(pattern.match(head, len(form)) for pattern in (_IS, _IS_ROLE, _DOES))
    match = _STARTS_WITH_NAME.match(head)
    if match is None or len(paragraph) > 500 or any(word.lower() in _NOT_NAMES for word in match.group().split()):
        return False
    return _IS_ROLE.match(head, match.end()) is not None
