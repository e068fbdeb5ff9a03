"""What is hidden: a file a kind of personal data, each yielding spans of a resume's text. Start at scoring.redact."""
