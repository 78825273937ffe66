"""What the commands share: messages, exit statuses, text that is safe to print."""

import contextlib
import os
import re
import sys
from collections.abc import Iterator

import typer

from pipeline.errors import OpclaimsError

SOME_FAILED = 1
USAGE = 2
INTERRUPTED = 130

# Joiners (U+200C, U+200D) stay, for Persian and other scripts need them.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


@contextlib.contextmanager
def messages() -> Iterator[None]:
    """Makes a user's mistakes messages instead of tracebacks."""
    try:
        yield
    except OpclaimsError as error:
        typer.echo(f"opclaims: {printable(str(error))}", err=True)
        raise SystemExit(USAGE) from error
    except KeyboardInterrupt:
        typer.echo("opclaims: interrupted.", err=True)
        raise SystemExit(INTERRUPTED) from None


@contextlib.contextmanager
def writing_to_stdout() -> Iterator[None]:
    """Ends the program in peace when whoever reads its output has gone (``| head``), and explains a full disk.

    Raises:
        OpclaimsError: standard output cannot be written.
    """
    try:
        yield
    except OSError as error:
        # Python would complain again when it flushes at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if isinstance(error, BrokenPipeError):
            raise SystemExit(0) from None
        raise OpclaimsError(f"the output cannot be written: {error.strerror or error}.") from error


def printable(text: str) -> str:
    """Text of an article or a file name without control characters, terminal escapes and direction overrides."""
    return _CONTROL.sub("\ufffd", text)
