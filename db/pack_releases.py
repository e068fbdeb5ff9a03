"""Releases of packs: which version is current, and which were before it. New screenings begin with the current ones.

A name's releases are a stack: promoting puts one on top, rolling back withdraws the top. Nothing is ever taken out, so
the history stays. All but `current` need the owner's role.
"""

from sqlalchemy import and_, func, select, text, update
from sqlalchemy import delete as delete_rows
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from db.tables import Pack, PackRelease, Passages, Screening

LOCK = 7_225_001
"""Advisory lock: shared by transactions that pin current versions, exclusive for those that change releases."""


class ReleaseError(Exception):
    """What was asked of a pack cannot be done; the message says why, and what can."""


def current(session: Session) -> dict[str, str]:
    """Name to current version of every pack that has one."""
    standing = select(PackRelease.name, PackRelease.version).where(PackRelease.withdrawn_at.is_(None))
    newest = standing.ext(distinct_on(PackRelease.name)).order_by(PackRelease.name, PackRelease.id.desc())
    return {row.name: row.version for row in session.execute(newest)}


def promote(session: Session, name: str, version: str, by: str) -> bool:
    """Make a registered version current; False when it is already. Raises ReleaseError."""
    _alone(session)
    _registered(session, name, version)
    if current(session).get(name) == version:
        return False
    session.add(PackRelease(name=name, version=version, released_by=by))
    session.flush()
    return True


def rollback(session: Session, name: str, by: str) -> str:
    """Make the version current that was before this one, and return it. Raises ReleaseError when there is none."""
    _alone(session)
    standing = select(PackRelease).where(PackRelease.name == name, PackRelease.withdrawn_at.is_(None))
    releases = session.scalars(standing.order_by(PackRelease.id.desc())).all()
    earlier = next((release for release in releases if release.version != releases[0].version), None)
    if earlier is None:
        raise ReleaseError(f"No version of {name} was current before: promote one instead.")
    later = PackRelease.name == name, PackRelease.id > earlier.id, PackRelease.withdrawn_at.is_(None)
    session.execute(update(PackRelease).where(*later).values(withdrawn_at=func.now(), withdrawn_by=by))
    return earlier.version


def history(session: Session, name: str) -> list[PackRelease]:
    """Every release of a pack, the newest first."""
    return list(session.scalars(select(PackRelease).where(PackRelease.name == name).order_by(PackRelease.id.desc())))


def delete(session: Session, system: Session, name: str, version: str, by: str) -> None:
    """Forget a version that is not current, nor needed by a screening that goes on or is being explained.

    Raises ReleaseError.

    `system` is a session of the system role's, which sees every tenant's screenings.
    """
    _alone(session)
    _registered(session, name, version)
    if current(session).get(name) == version:
        raise ReleaseError(f"{name} {version} is current: promote another version first.")
    held = select(Screening.id).where(Screening.state != "ended", Screening.packs[name].as_string() == version)
    if system.scalar(select(held.exists())):
        raise ReleaseError(f"{name} {version} is in use: a screening that began with it has not ended.")
    of_its = and_(Screening.tenant_id == Passages.tenant_id, Screening.id == Passages.screening_id)
    to_explain = select(Passages.id).join(Screening, of_its).where(Passages.state.in_(["due", "leased"]))
    if system.scalar(select(to_explain.where(Screening.packs[name].as_string() == version).exists())):
        raise ReleaseError(
            f"{name} {version} is in use: results of a screening that began with it are being explained."
        )
    stale = PackRelease.name == name, PackRelease.version == version, PackRelease.withdrawn_at.is_(None)
    session.execute(update(PackRelease).where(*stale).values(withdrawn_at=func.now(), withdrawn_by=by))
    session.execute(delete_rows(Pack).where(Pack.name == name, Pack.version == version))


def _alone(session: Session) -> None:
    """Wait until every transaction that pinned versions has ended, so that what it began with is seen."""
    session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})


def _registered(session: Session, name: str, version: str) -> None:
    known = session.scalars(select(Pack.version).where(Pack.name == name)).all()
    if version not in known:
        versions = f"of {name}, only {', '.join(sorted(known))} are" if known else f"no version of {name} is"
        raise ReleaseError(f"{name} {version} is not registered; {versions}.")
