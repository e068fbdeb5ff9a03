"""The HTTP front: validate, write rows, answer. Imports db and the names of workers.celery_app; loads no model."""
