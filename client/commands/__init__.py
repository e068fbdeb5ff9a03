"""The commands of `winnow`, a file a noun."""
