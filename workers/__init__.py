"""Celery shells over plain functions, and the relay that tells them what is due. Importing this loads no torch."""
