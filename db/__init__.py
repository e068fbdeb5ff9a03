"""All SQL of Winnow: one file a noun, tables in `db.tables`. Imports nothing else of ours."""
