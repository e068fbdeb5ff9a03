"""Customers, and what each may have of the workers."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select, update

from db.engine import app_session, system_session
from db.tables import Tenant


class UnknownTenantError(Exception):
    """No customer has this name."""


@dataclass(frozen=True, slots=True)
class Share:
    """While others wait a customer gets work done in proportion to `weight`; `running_limit` bounds claims at once."""

    tenant: str
    weight: int
    running_limit: int | None


def shares() -> Iterator[Share]:
    """Every customer's, by name."""
    with system_session() as session:
        columns = (Tenant.name, Tenant.weight, Tenant.running_limit)
        for row in session.execute(select(*columns).order_by(Tenant.name)):
            yield Share(row.name, row.weight, row.running_limit)


def change(share: Share) -> None:
    """Give a customer this share, from the relay's next turn on. Raises UnknownTenantError."""
    with system_session() as session:
        id = session.scalar(select(Tenant.id).where(Tenant.name == share.tenant))
    if id is None:
        raise UnknownTenantError(f"There is no customer {share.tenant!r}; list-tenants shows them all.")
    values = {"weight": share.weight, "running_limit": share.running_limit}
    with app_session(id) as session:
        session.execute(update(Tenant).where(Tenant.id == id).values(values))
