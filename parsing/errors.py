"""What can go wrong with a document, and what can go wrong with the sandbox."""

from typing import Literal, get_args

Code = Literal[
    "empty_file",
    "unsupported_type",
    "damaged",
    "password_protected",
    "no_text",
    "too_long",
    "not_utf8",
    "timeout",
    "memory",
    "archive_bomb",
    "archive_nested",
    "archive_entry",
]
CODES: frozenset[str] = frozenset(get_args(Code))


class ParseError(Exception):
    """The document's own fault. The message says what the person who sent it should do; it never quotes the file."""

    def __init__(self, code: Code, message: str) -> None:
        super().__init__(code, message)
        self.code: Code = code
        self.message = message

    def __str__(self) -> str:
        return f"{self.code}: {self.message}"


class SandboxError(RuntimeError):
    """The sandbox could not run (no memory to fork, a killed template): not the document's fault, try again."""
