"""What goes wrong in an operator's command, told as every other error of `winnow` is: one line, with what to do."""

from collections.abc import Iterator
from contextlib import contextmanager

from client.errors import WinnowError

OURS = ("db", "scoring", "training", "workers")


@contextmanager
def told(extra: str) -> Iterator[None]:
    """Turn errors of our own into a WinnowError; a library that is missing is in the `extra` of this name."""
    try:
        yield
    except ModuleNotFoundError as error:
        detail = f"{error.name} is missing: pip install 'winnow[{extra}]'"
        raise WinnowError("not_installed", "This part of Winnow is not installed here", detail) from error
    except Exception as error:
        package, _, _ = type(error).__module__.partition(".")
        if package in OURS:
            raise WinnowError("refused", str(error)) from error
        if package == "sqlalchemy":  # its message quotes the statement
            detail = f"{type(error).__name__}: is DATABASE_OWNER_URL right, and has `python -m db.admin migrate` run?"
            raise WinnowError("no_database", "The database did not do it", detail) from error
        raise
