"""Skills named in a text: a vocabulary of thousands, matched in one pass. Start at skills.matcher."""
