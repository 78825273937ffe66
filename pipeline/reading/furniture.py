"""The furniture of web pages: lines that belong to the page and not to the article.

Lines stand alone and match as a whole, or they are prose: "Share this article", but not "Share this burden.". Each pattern
takes time linear in the line, which is short.
"""

import re

LONGEST = 300
"""Characters; no line of furniture is longer."""

URGES = re.compile(r"\b(?:should|must|ought|needs? to|let us|has to|have to|had better)\b", re.IGNORECASE)

_SERVICE = r"(?:facebook|twitter|x|linkedin|whatsapp|reddit|pinterest|instagram|telegram|threads|bluesky|pocket|e-?mail|print|(?:copy )?link)"
_PIECE = r"(?:article|story|post|page|piece|column|essay)"
_AGENCY = (
    r"(?:reuters|ap|associated press|afp|getty(?: images)?|epa|shutterstock|youtube|screenshot|screengrab|pixabay|dreamstime"
    r"|flickr|unsplash|pexels|wikimedia(?: commons)?|alamy|istock|handout|file photo)"
)
_LINE = re.compile(
    r"(?:"
    # comments and counters
    r"(?:no|\d+|leave a|post a|view(?: all)?|add a?|show|hide|join the|read the)\s+(?:comments?|replies|reply|conversation|discussion)\s*[:.]?"
    r"|comments?(?:\s*\(?\d+\)?|\s+(?:are\s+)?(?:closed|off)|\s+section)?\s*[:.]?"
    r"|\d[\d.,]*[km]?\s+(?:shares?|likes?|views?|retweets?|claps?|reads?|reactions?)"
    r"|\d{1,3}[\s-]min(?:ute)?s?\s+read|(?:estimated\s+)?reading\s+time\b.{0,30}|listen\s+to\s+this\s+article.{0,40}"
    # sharing
    r"|(?:share|tweet|pin|like|save|bookmark|print|e-?mail|follow us|copy link)\s*[:.!]?"
    rf"|(?:share|tweet|pin|like|save|bookmark|print|e-?mail)\s+(?:this|it|(?:this|the)\s+{_PIECE})(?:\s+(?:on|via|with|to)\b[^.!?]{{0,50}})?\s*:?"
    rf"|(?:share|tweet|follow us)\s+(?:on|via|with|to)\s+{_SERVICE}\b[^.!?]{{0,60}}|share\s+all\s+sharing\s+options\b.{{0,200}}"
    rf"|(?:(?:share|tweet)(?:\s+this)?\s*:\s*)?{_SERVICE}(?:[\s,|/·•]+{_SERVICE})*"
    # subscribing
    r"|subscribe(?:\s*[:.!]?|\s+(?:now|today|here|on|via|at|with)\b.{0,160}|\s+(?:to|for)\s+(?:our|the|your|us|this|access|full|unlimited|get|read)\b.{0,160})"
    r"|(?:sign\s?up|register)(?:\s*(?:now|today|here|free|for free)?\s*[:.!]?|\s+(?:to\s+(?:read|continue|comment|get|receive)|for\s+(?:our|the|free|your))\b.{0,160})"
    r"|(?:log|sign)\s+in(?:\s+(?:to|or)\b.{0,60})?"
    r"|(?:get|receive|(?:join|support)\s+(?:us|our|this|[\d,]+)|want\s+(?:more|the)|enjoy(?:ing|ed)?\s+(?:this|our|what|the)|like what you)\b"
    r"(?=.{0,150}\b(?:our|your|you|us|me|free)\b)"
    r".{0,120}\b(?:newsletters?|inbox|subscri(?:be|bers?|ption)|donat(?:e|ion)|membership|e-?mail address)\b.{0,60}"
    r"|(?:(?:the|our|your|free|daily|weekly|morning|opinion|today)\s+){0,4}newsletters?\s*[:.!]?"
    # advertising, and what else there is to read
    r"|(?:advertisement|advertising|sponsored(?: content| by.{0,60})?|promoted(?: content)?|ad)\s*[:.]?"
    r"|(?:article|story|text)\s+continues\s+(?:below|after).{0,60}|continue\s+reading.{0,60}|scroll\s+(?:down|to)\b.{0,60}"
    r"|(?:read|see|find\s+out|learn|show|load)\s+(?:more|also|next|less)(?:\s*[:>»…].{0,200}|\s*\.{0,3})|read\s*:\s.{0,200}"
    r"|read\s+more\s+(?:about|on|from)\b.{0,100}"
    r"|(?:related|recommended|trending|popular|latest|most\s+(?:read|popular|viewed))(?:\s+(?:articles?|stories|story|posts?|topics?|content|reading|news|now|for\s+you))?(?:\s*:.{0,200})?"
    r"|more\s+(?:stories|like\s+this|from\s+(?:the|this|our)\b[^.!?]{0,60}|(?:on|about)\s+this\s+(?:topic|story|subject))|you\s+(?:may|might)\s+(?:also\s+)?like.{0,40}"
    # navigation, rights, credits, tags
    r"|skip\s+to\s+(?:the\s+|main\s+|primary\s+)*(?:content|navigation|sidebar|footer|article|comments)|back\s+to\s+(?:the\s+)?(?:top|home(?:page)?|all\s+\w+|articles|blog|opinion|news)"
    r"|(?:main\s+)?menu|home|search|close|next|previous|toggle.{0,30}|(?:home|news|opinion)(?:\s*[>»/|]\s*[\w &-]{1,30}){1,5}"
    r"|(?:©|\(c\)\s*(?:\d{4}|copyright)|copyright\s*(?:©|\(c\)|\d{4}|by\b|:)).{0,200}|all\s+rights\s+reserved\.?"
    r"|(?:terms\s+(?:of|and)\s+(?:use|service|conditions)|privacy\s+(?:policy|notice)|cookies?\s+(?:policy|settings|preferences|notice))(?:\s*(?:[|·•&,/]|and\b).{0,60})?"
    r"|(?:photo(?:graph|s)?|image|picture|illustration|credit|source)(?:\s+(?:by|credit|courtesy(?:\s+of)?))?\s*:.{0,120}"
    rf"|.{{0,250}}\((?:[^()]{{0,80}}(?:[/:;]|\bvia)\s?)?{_AGENCY}\b[^()]{{0,40}}\)"
    r"|.{0,250}\S\s?/\s?(?:reuters|afp|getty(?: images)?|epa|shutterstock|alamy)"
    r"|(?:tags?|tagged|filed\s+under|topics?|categor(?:y|ies)|labels?|posted\s+in|keywords?)\s*:.{0,200}"
    r"|(?:opinion|editorial|comment|commentary|op-ed|analysis|column|viewpoint|letters?|perspective|leader)s?"
    r"|https?://\S+|www\.\S+"
    r"|[-*_=#~·•\s]{3,}"
    r")",
    re.IGNORECASE,
)
_PHOTOGRAPHER = re.compile(r"(?:.*\s)?(?:REUTERS|Reuters|AFP|Shutterstock)/[A-Z][\w.'-]+(?: [A-Z][\w.'-]+){0,3}")
_ADDRESS = re.compile(r"\w@\w|\[email|\bapple podcasts\b|\bitunes\b", re.IGNORECASE)
_INVITES = re.compile(
    r"\b(?:pitch us|submit|write to|letters?|send (?:us|me|your)|reach (?:us|me|out)|contact|drop (?:us|me)|subscribe|listen"
    r"|have a story|e-?mail (?:us|me))\b",
    re.IGNORECASE,
)


def is_furniture(line: str) -> bool:
    """Whether a line belongs to the page and not to the article: "Share this", "No comments:", "Advertisement"."""
    if not line:
        return True  # a rule, in Markdown
    if len(line) >= LONGEST or (line.endswith((".", "!", "?")) and URGES.search(line)):
        return False
    return bool(_LINE.fullmatch(line) or _PHOTOGRAPHER.fullmatch(line))


def is_invitation(paragraph: str) -> bool:
    """Whether a closing paragraph asks the reader to write, to listen or to subscribe, and says where."""
    return len(paragraph) < 400 and bool(_ADDRESS.search(paragraph) and _INVITES.search(paragraph))
