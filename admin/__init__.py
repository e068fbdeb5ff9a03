"""Commands of the person who runs Winnow; `winnow` finds them by the entry points in pyproject.toml."""
