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

_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")


@contextlib.contextmanager
def messages() -> Iterator[None]:
    """Makes a user's mistakes messages instead of tracebacks, and a closed pipe the quiet end of the program."""
    try:
        yield
    except OpclaimsError as error:
        typer.echo(f"opclaims: {printable(str(error))}", err=True)
        raise SystemExit(USAGE) from error
    except KeyboardInterrupt:
        typer.echo("opclaims: interrupted.", err=True)
        raise SystemExit(INTERRUPTED) from None
    except BrokenPipeError:
        # the reader has gone (| head); Python would complain again when it flushes at exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(0) from None


def printable(text: str) -> str:
    """Text of an article or a file name without control characters, terminal escapes and direction overrides."""
    return _CONTROL.sub("\ufffd", text)
