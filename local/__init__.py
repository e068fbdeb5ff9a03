"""The whole system on one machine: Postgres and Redis from wheels, a supervisor for the processes, and the demo."""
