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

SAMPLE = 100_000
"""Bytes that are looked at to recognise an encoding."""


def decode(data: bytes, name: str) -> tuple[str, str | None]:
    """The text of a file, without its byte order mark and otherwise untouched, and the encoding where it isn't UTF-8.

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
    except UnicodeDecodeError:
        return _recognise(data, name)


def _recognise(data: bytes, name: str) -> tuple[str, str]:
    from charset_normalizer import from_bytes

    best = from_bytes(data[:SAMPLE]).best()
    # cp1252 first among the likes of latin-1: it is what Windows writes, and the only one with curly quotes
    for encoding in filter(None, (_usual(best.encoding) if best else None, best.encoding if best else None)):
        try:
            return data.decode(encoding), encoding
        except UnicodeDecodeError:
            continue
    raise ArticleError(f"{name}: its encoding is not recognised. Save it as UTF-8.")


WESTERN = {
    "latin_1",
    "iso8859_15",
    "cp1250",
    "cp1252",
    "cp1257",
    "cp1254",
    "cp1258",
    "iso8859_9",
    "mac_roman",
    "cp1256",
    "cp775",
    "cp437",
    "cp850",
    "cp858",
}


def _usual(encoding: str) -> str | None:
    """The encoding that a western text most probably has where charset-normalizer names one of its near relatives."""
    return "cp1252" if encoding in WESTERN else None
