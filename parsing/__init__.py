"""A pure library, file in, text out: a file a format, and the sandbox that runs them. Start at parsing.sandbox."""
