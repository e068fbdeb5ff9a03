"""Text in, scores out: a pure library shared by the workers and by training. Knows no queue, database or HTTP."""
