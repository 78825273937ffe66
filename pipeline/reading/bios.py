"""What stands under an article about itself: who the author is, whose views these are, where it first appeared."""

import re
from collections.abc import Callable

from pipeline.reading.furniture import URGES
from pipeline.reading.names import NAME, says_names

_PIECE = r"(?:article|piece|essay|column|op-ed|commentary|post|story|text|blog\s+post|content|report)"
_DISCLAIMER = re.compile(
    r"(?:the\s+)?(?:views?|opinions?)(?:\s+and\s+(?:views?|opinions?))?\s+(?:here|expressed|stated|in\s+this)\b"
    rf"|(?:a\s+version\s+of\s+)?(?:this|the)\s+{_PIECE}\s+(?:was|is|has\s+been|first|originally|also|appeared)\b"
    r".{0,80}?\b(?:published|appeared|posted|updated|amended|corrected|adapted|reprinted|republished|produced|sponsored)\b"
    rf"|this\s+{_PIECE}\s+(?:is|was)\s+part\s+of\b.{{0,80}}\b(?:series|project|package|partnership|collaboration|section|supplement)\b"
    r"|this\s+is\s+a\s+(?:breaking|developing)\s+(?:news\s+)?(?:story|post|article)\b"
    rf"|updated?\s*:\s+(?:(?:this|the)\s+)?{_PIECE}\b.{{0,30}}\bupdated\b"
    r"|(?:originally|first)\s+(?:published|appeared)\b|reprinted\s+(?:from|with)\b"
    r"|(?:correction|clarification)s?(?:,\s[^:]{0,40}|\s\([^()]{0,40}\))?:|editor['’]?s['’]?\s+note\b"
    r"|about\s+the\s+(?:authors?|writers?)\b"
    r"|the\s+(?:author|writer)s?\s+(?:teaches|serves|works|(?:is|are|was)\s+(?:an?|the|currently|formerly|one)\b)"
    r"|follow\s+(?:(?:him|her|them|us|me)\s+(?:on|at|@)|@|[A-Z]\w+.{0,40}\bon\s+(?:twitter|x|facebook|instagram)\b)"
    r"|(?:twitter|x|e-?mail)\s*:\s*\S*@\S*(?:\s+\S+){0,8}$"
    r"|to\s+(?:find\s+out\s+more\s+about|read\s+features\s+by|contact\s+the\s+(?:author|writer|editor|reporter)\b)",
    re.IGNORECASE,
)
_ROLE = (
    r"(?i:fellow|professor|lecturer|scholar|academic|director|editor|author|columnist|writer|analyst|minister|ambassador|diplomat"
    r"|senator|judge|congress(?:man|woman)|member|economist|journalist|chair(?:man|woman|person)?|(?:co-)?founder|researcher"
    r"|scientist|contributor|correspondent|reporter|executive|CEO|president|attorney|lawyer|historian|physician|doctor"
    r"|psychiatrist|teacher|tutor|student|candidate|consultant|strategist|adviser|advisor|activist|organi[sz]er|engineer|farmer"
    r"|officer|secretary|commissioner|representative|governor|mayor|novelist|poet|head|partner|associate|specialist"
    r"|commentator|producer|blogger|policymaker|nurse|planner|architect|ecologist|biologist|veteran|coordinator|manager"
    r"|principal|dean|chief|prosecutor|investor|hydrologist|host|graduate)s?"
)
_FILLER = r"(?:(?!(?:to|that|who|which|than|for|because|but)\b)[\w'’.&/-]+(?:\s+\([^()]{0,60}\))?,?\s+)"
_ASIDE = r"(?:\s*\([^()]{0,80}\)|,[^.,]{0,100},)?"
_IS_ROLE = re.compile(
    rf"{_ASIDE}\s+(?:is|are|was|were|served\s+as)\s+(?:(?:also|currently|now|both|formerly|presently)\s+)?"
    rf"(?:(?:an?|the|one\s+of|[\w.’'-]+['’]s?)\s+{_FILLER}{{0,9}}"
    rf"|(?:(?!(?!managing|acting|founding|visiting|contributing)\w+ing\b){_FILLER}){{0,3}}){_ROLE}\b"
)
_HAS_WORK = re.compile(
    r"\s+(?:can|may)\s+be\s+(?:reached|contacted|followed)\b|['’]s\s+(?:work|writing|latest|most\s+recent|new|next|first)\b.{0,60}"
    r"\b(?:books?|novel|appeared)\b"
)
_IS = re.compile(r"\s+(?:is|are|was|were)\s+(?:an?|the|now|currently|formerly)\b")
_DOES = re.compile(
    r",?\s+(?:teaches|works|serves|served|directs|leads|blogs|tweets|lives|studied|farms|practi[cs]es|chairs|edits|reports"
    r"|covers|runs|writes\s+(?:for|about|on|from|an?))\b"
    rf"|,\s+(?:an?|the|formerly)\b.{{0,100}}?\b{_ROLE}\b"
)
_OPENING = re.compile(r"[—–•⦁·*_(\[-][—–•⦁·*_(\[\s-]*")
_TITLE = r"(?:(?:Dr|Prof|Professor|Mr|Ms|Mrs|Sir|Rev|Sen|Senator|Rep|Gen|Judge)\.?\s+)"
_HONORIFIC = re.compile(_TITLE)
_STARTS_WITH_NAME = re.compile(rf"{_TITLE}?(?P<name>{NAME})")


def is_disclaimer(paragraph: str) -> bool:
    """Whether a closing paragraph says where the text appeared, what was put right in it, or whose views it holds."""
    return _DISCLAIMER.match(_OPENING.sub("", paragraph[:300], count=1)) is not None


def is_bio(paragraph: str, author: str | None, named_before: Callable[[str], bool]) -> bool:
    """Whether a closing paragraph tells who the author is.

    It begins with the author's name and says what that person is or does, and urges nobody to do anything. Where the
    author is not known, it may begin with any name that the article has not mentioned: authors don't write about
    themselves by name, whereas actors, who can be presidents and professors too, are written about.

    Args:
        paragraph: white space made single spaces.
        author: plain names joined by commas.
        named_before: whether the article has a word before this paragraph.
    """
    if len(paragraph) > 1500 or URGES.search(paragraph):
        return False
    head = paragraph[:400]
    opening = _OPENING.match(head)
    head = head[opening.end() :] if opening else head
    plain = _HONORIFIC.sub("", head, count=1) if _HONORIFIC.match(head) else head
    for name in author.split(", ") if author else ():
        for form in (name, name.split()[-1]):
            if plain.casefold().startswith(form.casefold()):
                return any(pattern.match(plain, len(form)) for pattern in (_IS, _IS_ROLE, _DOES, _HAS_WORK))
    match = _STARTS_WITH_NAME.match(head)
    if match is None or len(paragraph) > 800 or not says_names(match["name"]):
        return False
    # a name runs on over capitals: "Jane Doe" of "Jane Doe's"
    end = match.end() - 2 if match["name"].endswith(("'s", "’s")) else match.end()
    if not (_IS_ROLE.match(head, end) or _HAS_WORK.match(head, end)):
        return False
    return not named_before(_surname(head[match.start("name") : end]))


def _surname(name: str) -> str:
    words = [word for word in name.split() if word not in ("Jr.", "Jr", "Sr.", "II", "III")]
    return words[-1]
