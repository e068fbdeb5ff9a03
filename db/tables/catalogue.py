"""What jobs are recommended from, beside a tenant's own: imported postings, and vectors computed once."""

from datetime import datetime

from sqlalchemy import LargeBinary, func
from sqlalchemy.dialects.postgresql import ARRAY, TEXT
from sqlalchemy.orm import Mapped, mapped_column

from db.tables.base import Base, Owned


class Posting(Base):
    """A posting that the operator imported; the deployment's, so every tenant is recommended it.

    `vector` is its embedding (float16); `made_by` names the encoder and the vocabulary that made it and `skills`.
    """

    __tablename__ = "postings"

    source: Mapped[str] = mapped_column(primary_key=True)
    external_id: Mapped[str] = mapped_column(primary_key=True)
    title: Mapped[str]
    company: Mapped[str] = mapped_column(server_default="")
    location: Mapped[str] = mapped_column(server_default="")
    url: Mapped[str] = mapped_column(server_default="")
    skills: Mapped[list[str]] = mapped_column(ARRAY(TEXT))
    made_by: Mapped[str]
    vector: Mapped[bytes] = mapped_column(LargeBinary)
    imported_at: Mapped[datetime] = mapped_column(server_default=func.now())


class JobVector(Base, Owned):
    """The embedding of a text of the tenant's jobs, by its hash, and the skills that it names; as in Posting."""

    __tablename__ = "job_vectors"

    content_hash: Mapped[str] = mapped_column(primary_key=True)
    made_by: Mapped[str]
    skills: Mapped[list[str]] = mapped_column(ARRAY(TEXT))
    vector: Mapped[bytes] = mapped_column(LargeBinary)
