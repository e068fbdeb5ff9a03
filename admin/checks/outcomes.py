"""What became of the work: items that could not be scored, receivers that do not answer, secrets nobody can read."""

from collections.abc import Iterator

from admin.checks.case import Case, Finding
from db import condition
from db.engine import app_session, system_session
from db.secrets import VARIABLE, decrypt, encrypt
from db.settings import SettingsError


def items(case: Case) -> Iterator[Finding]:
    """Items that errored within a day."""
    with system_session() as session:
        errors = condition.errors(session)
    if errors.items:
        yield Finding(
            f"{errors.items:,} of {errors.total:,} items errored within a day, in {errors.screenings} screenings.",
            "Look for `scoring failed` in the screening workers' logs; `winnow results ID --state errored` tells the "
            "reasons, `winnow retry ID` tries them again.",
        )


def receivers(case: Case) -> Iterator[Finding]:
    """Endpoints of webhooks that have failed for an hour, or were disabled within a day."""
    with system_session() as session:
        found = condition.receivers(session)
    if found.failing:
        yield Finding(
            f"{found.failing} webhook endpoints have failed for over an hour.",
            "Its owner sees why: `winnow deliveries list --state due`. All of them? Then it is this network's way out.",
        )
    if found.disabled:
        yield Finding(
            f"{found.disabled} webhook endpoints were disabled within a day.",
            "Their owners were told by `endpoint.disabled`; `winnow endpoints change ID --enable` sends again.",
        )


def secret_key(case: Case) -> Iterator[Finding]:
    """Whether the deployment's key is one, and reads the secrets that are kept."""
    try:
        decrypt(encrypt(b"well"))
    except SettingsError as error:
        yield Finding(f"{VARIABLE} is missing or is no key.", str(error))
        return
    with system_session() as session:
        tenants = condition.tenants_with_endpoints(session)
    unread = 0
    for tenant_id in tenants:
        with app_session(tenant_id) as session:
            unread += sum(1 for _ in condition.undecryptable(session))
    if unread:
        yield Finding(
            f"{VARIABLE} does not decrypt the secrets of {unread} webhook endpoints: nothing can be sent to them.",
            "Put the key that made them behind the present one, with a comma; where it is lost, their owners rotate.",
        )
