"""The recipes of the systems that Winnow is measured against, as they describe them, to be run again by anybody."""
