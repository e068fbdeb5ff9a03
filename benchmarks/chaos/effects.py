"""What the messages of a deployment did to an applicant tracking system that acts once on each webhook-id."""

from collections import Counter
from uuid import UUID

from sqlalchemy import text

from db.engine import app_session
from local.receiver import Receiver

# Of these a screening has at most one each.
ONCE = ("screening.started", "screening.ended", "screening.canceled")

_RECORDED = text("SELECT id FROM events WHERE payload ->> 'screening_id' = :screening")


class Effects(Receiver):
    """Holds what was acted on against the events that were recorded.

    Verifying refuses a timestamp more than five minutes off this machine's clock.
    """

    def missing(self, tenant_id: UUID, screening_id: UUID) -> int:
        """Events of a screening that were recorded and had no effect yet."""
        with app_session(tenant_id) as session:
            recorded = session.scalars(_RECORDED, {"screening": str(screening_id)}).all()
        return sum(str(id) not in self.acted for id in recorded)

    def doubled(self, screening_id: UUID) -> int:
        """Effects of a screening beyond the one that it may have of each type."""
        acted = list(self.acted.values())
        types = Counter(event.type for event in acted if event.data.get("screening_id") == str(screening_id))
        return sum(max(0, types[one] - 1) for one in ONCE)
