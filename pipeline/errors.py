"""The errors a user can cause. Each carries a message that says what was wrong, with which file, and what to do."""


class OpclaimsError(Exception):
    """An error with a message fit for the user; the command line prints it without a traceback and exits with 2."""


class ArticleError(OpclaimsError):
    """One article cannot be read or processed; the batch goes on without it and the run exits with 1."""
