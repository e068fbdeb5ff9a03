"""What `make bench` measures: a file a row or a few that share their peers, each with `measure(setup) -> list[Row]`."""
