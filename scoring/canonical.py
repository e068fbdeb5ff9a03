"""Words as the detectors of spam and abuse read them: lower case, no markup, and telling shapes as words."""

import html
import re

_TAG = re.compile(r"<[^<>]{1,200}>")
_LINK = re.compile(r"https?://\S+|www\.\S+|\b(?!(?:asp|ado|vb)\.net)[\w-]{1,63}\.(?:com|co\.uk|net|org)\b\S*")
_HANDLE = re.compile(r"@\w+")
_PLACEHOLDER = re.compile(r"\[[a-z]+\]?|\b[a-z]+\]")
"""What redaction put in a text's place, or one word of it."""
_STRETCHED = re.compile(r"(.)\1{2,}")
_SPAM_SHAPES = (
    (re.compile(r"\[phone\]"), " xxphone "),
    (re.compile(r"\[link\]"), " xxlink "),
    (re.compile(r"(?<!\S)\S*\b(?:linkedin|github)\.com\S*"), " xxprofile "),
    (_LINK, " xxlink "),
    (re.compile(r"[£$€₹]\s?\d[\d,.]*"), " xxmoney "),
    (re.compile(r"\+?\d(?:[()./-]{0,2}\d){8,}"), " xxphone "),
    (re.compile(r"\b(?:19|20)\d\d\b"), " xxyear "),
    (re.compile(r"\b\d{4,6}\b"), " xxcode "),
    (re.compile(r"\d+"), "xxnumber"),
    (re.compile(r"!+"), " xxbang "),
)
"""What a number or a sign is in a message tells spam from ham; which number it is does not."""


def canonical(word: str, kind: str) -> str:
    """A word (a run of no white space) as the detector of this kind reads it: none, one or more words."""
    word = _TAG.sub(" ", html.unescape(word)).lower()
    if kind == "spam":
        for shape, name in _SPAM_SHAPES:
            word = shape.sub(name, word)
        return word
    return _STRETCHED.sub(r"\1\1", _HANDLE.sub(" ", _LINK.sub(" ", _PLACEHOLDER.sub(" ", word))))
