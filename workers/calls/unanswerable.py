"""The one refusal of interactive calls."""


class Unanswerable(Exception):
    """These arguments have no answer; the message is a sentence for the caller and quotes none of them."""
