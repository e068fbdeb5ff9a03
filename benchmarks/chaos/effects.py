"""What the messages of a deployment did to an applicant tracking system that acts once on each webhook-id."""

from collections import Counter
from collections.abc import Collection
from uuid import UUID

from sqlalchemy import text

from db.engine import app_session
from local.receiver import Receiver

# Of these a screening or upload has at most one each.
ONCE = ("screening.started", "screening.ended", "screening.canceled", "upload.ended")

_RECORDED = text("SELECT id FROM events WHERE :subject IN (payload ->> 'screening_id', payload ->> 'upload_id')")


class Effects(Receiver):
    """Holds what was acted on against the events that were recorded.

    Verifying refuses a timestamp more than five minutes off this machine's clock.
    """

    def missing(self, tenant_id: UUID, subject: UUID) -> int:
        """Events of a screening or upload that were recorded and had no effect yet."""
        with app_session(tenant_id) as session:
            recorded = session.scalars(_RECORDED, {"subject": str(subject)}).all()
        return sum(str(id) not in self.acted for id in recorded)

    def of(self, subjects: Collection[UUID]) -> int:
        """Effects of these screenings or uploads."""
        ids = {str(subject) for subject in subjects}
        return sum(not ids.isdisjoint(map(str, event.data.values())) for event in list(self.acted.values()))

    def doubled(self, subject: UUID) -> int:
        """Effects of a screening or upload beyond the one that it may have of each type."""
        types = Counter(event.type for event in list(self.acted.values()) if str(subject) in event.data.values())
        return sum(max(0, types[one] - 1) for one in ONCE)
