"""What a process says of itself: its logs, and its numbers for Prometheus. Imports nothing else of ours."""
