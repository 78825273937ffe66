"""YAML front matter: what the person who saved an article says of it."""

import datetime
import re
from dataclasses import dataclass

_BLOCK = re.compile(r"---[ \t]*\r?\n(.*?)(?:^)(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
MAX_CHARACTERS = 10_000
KEYS = ("id", "title", "author", "date", "url")


@dataclass(frozen=True, slots=True)
class FrontMatter:
    """What a block of front matter says; ``end`` is where it ends in the text, 0 where there is none.

    ``problem`` tells why a block that is there says nothing.
    """

    end: int = 0
    id: str | None = None
    title: str | None = None
    author: str | None = None
    date: str | None = None
    url: str | None = None
    problem: str | None = None


def read_front_matter(text: str) -> FrontMatter:
    """The front matter at the very start of a text: a block of YAML between lines of three dashes.

    A block that is no mapping, is longer than 10,000 characters, or uses YAML's anchors and aliases says nothing.
    """
    if not text.startswith("---"):
        return FrontMatter()
    match = _BLOCK.match(text, 0, MAX_CHARACTERS)
    if match is None:
        return FrontMatter()
    end = len(match.group().rstrip())
    import yaml

    try:
        # a few lines of aliases to aliases can stand for gigabytes
        if any(isinstance(token, yaml.AnchorToken | yaml.AliasToken) for token in yaml.scan(match[1])):
            raise ValueError("anchors and aliases are not read")
        values = yaml.safe_load(match[1])
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        return FrontMatter(end=end, problem=f"front matter ignored: not valid YAML ({reason})")
    if not isinstance(values, dict):
        # "---" is also a rule, in Markdown and on web pages: without a mapping this is text
        return FrontMatter()
    given = {str(key).lower(): as_text(value) for key, value in values.items()}
    if "author" not in given and "authors" in given:
        given["author"] = given["authors"]
    return FrontMatter(end=end, **{key: given.get(key) for key in KEYS})


def as_text(value: object) -> str | None:
    """A value of YAML or JSON as the record has it: dates in ISO 8601, lists joined by commas, None for nothing."""
    if value is None:
        return None
    if isinstance(value, datetime.datetime):
        return value.date().isoformat()
    if isinstance(value, datetime.date):
        return value.isoformat()
    if isinstance(value, list):
        return ", ".join(filter(None, map(as_text, value))) or None
    if isinstance(value, dict):
        return as_text(value.get("name"))
    return str(value).strip() or None
