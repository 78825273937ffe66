"""Bytes to text: UTF-8, UTF-16 by its mark, and other encodings as charset-normalizer recognises them."""

import codecs

from pipeline.errors import ArticleError

SIGNATURES = {
    b"%PDF-": "a PDF",
    b"PK\x03\x04": "a zip archive (or a DOCX, ODT or EPUB)",
    b"\x1f\x8b": "a gzip archive",
    b"\x89PNG": "a PNG image",
    b"\xff\xd8\xff": "a JPEG image",
    b"GIF8": "a GIF image",
    b"\xd0\xcf\x11\xe0": "an old Microsoft Office file",
    b"{\\rtf": "an RTF file",
    b"\x7fELF": "a program",
}
CONTROLS = bytes([*range(9), *range(14, 27), *range(28, 32)])
"""Bytes that no text has, in any encoding of interest; more than one in twenty, and it is binary data."""

SAMPLE = 50_000
"""Bytes before and after the first that is not UTF-8 that are looked at to recognise an encoding."""

WINDOWS = "cp1252"
RELATIVES = frozenset(
    [
        "latin_1",
        "iso8859_9",
        "iso8859_15",
        "mac_roman",
        "cp437",
        "cp775",
        "cp850",
        "cp858",
        "cp1250",
        "cp1254",
        "cp1256",
        "cp1257",
        "cp1258",
    ]
)
"""Encodings that short western texts are taken for when they are windows-1252, the only one with curly quotes."""

SPARSE = 0.03
"""Share of bytes beyond ASCII below which a text is English with some curly quotes, too few to recognise anything by."""

GOOD = 3
"""Characters beyond ASCII for each damaged one that make a text damaged UTF-8: in other encodings few come out by chance."""


def decode(data: bytes, name: str) -> tuple[str, str | None]:
    """The text of a file, without its byte order mark and otherwise untouched, and how it was decoded where it isn't UTF-8.

    Raises:
        ArticleError: the bytes are no text.
    """
    for signature, kind in SIGNATURES.items():
        if data.startswith(signature):
            raise ArticleError(f"{name}: this is {kind}, not text. Save it as plain text (.txt) or Markdown (.md).")
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if data.startswith(mark):
            try:
                return data[len(mark) :].decode(encoding), None if encoding == "utf-8" else encoding
            except UnicodeDecodeError as error:
                raise ArticleError(f"{name}: damaged {encoding} text: {error}. Save it again as UTF-8.") from error
    controls = len(data) - len(data.translate(None, CONTROLS))
    if controls > len(data) / 20:
        raise ArticleError(f"{name}: this looks like binary data, not text. Save it as UTF-8 text.")
    try:
        return data.decode("utf-8"), None
    except UnicodeDecodeError as error:
        return _damaged(data) or _recognise(data, error.start, name)


def _damaged(data: bytes) -> tuple[str, str] | None:
    """UTF-8 with a few bytes that are not: read as another encoding, all the rest would be garbled."""
    text = data.decode("utf-8", "replace")
    bad = text.count("\ufffd") - data.count("\ufffd".encode())
    good = len(text) - len(text.encode("ascii", "ignore")) - text.count("\ufffd")
    if good < GOOD * bad:
        return None
    return text, f"UTF-8, with {bad} damaged character{'s' * (bad > 1)} replaced by \ufffd"


def _recognise(data: bytes, where: int, name: str) -> tuple[str, str]:
    from charset_normalizer import from_bytes

    encodings = [WINDOWS]
    if sum(data.count(byte) for byte in range(0x80, 0x100)) > SPARSE * len(data):
        best = from_bytes(data[max(0, where - SAMPLE) : where + SAMPLE]).best()
        encodings = [] if best is None else [WINDOWS if best.encoding in RELATIVES else best.encoding, best.encoding]
    for encoding in encodings:
        try:
            return data.decode(encoding), _name(encoding)
        except UnicodeDecodeError:
            continue
    raise ArticleError(f"{name}: its encoding is not recognised. Save it as UTF-8.")


def _name(encoding: str) -> str:
    """A codec's name as other programs show it: windows-1252 for cp1252."""
    number = encoding.removeprefix("cp")
    return f"windows-{number}" if number.startswith("125") else encoding.replace("_", "-")
