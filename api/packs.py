"""Packs: the versions of every model that this deployment knows, and which of them new screenings begin with."""

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from api.auth import Caller
from db import packs
from db.engine import app_session
from db.packs import PackVersion

router = APIRouter(prefix="/v1/packs", tags=["packs"])


class Version(BaseModel):
    """One version, and what its model card says; the card's parts are null in a version that carries none."""

    version: str
    current: bool = Field(description="New screenings begin with this version.")
    registered_at: datetime
    fetched_from: str | None = Field(description="The hub that it came from; null when it came with the program.")
    summary: str | None = None
    intended_use: str | None = None
    limits: list[str] | None = None
    metrics: dict[str, dict[str, Any]] | None = Field(default=None, description="Figures by what was measured on.")
    licence: str | None = None
    notice: str | None = None


class Pack(BaseModel):
    """A model by its name, its versions the newest first."""

    name: str
    kind: str
    current: str | None = Field(description="The version that new screenings begin with; null before any is promoted.")
    versions: list[Version]


class Packs(BaseModel):
    """All packs, by name."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "packs": [
                    {
                        "name": "match",
                        "kind": "match",
                        "current": "2",
                        "versions": [
                            {
                                "version": "2",
                                "current": True,
                                "registered_at": "2026-03-01T09:30:00Z",
                                "fetched_from": None,
                                "summary": "Scores how well a resume matches a job.",
                                "intended_use": "Orders applicants for a person who reads them.",
                                "limits": ["English only."],
                                "metrics": {"unseen resumes": {"auc": 0.88, "n": 1012}},
                                "licence": "Apache-2.0",
                                "notice": "A person decides.",
                            }
                        ],
                    }
                ]
            }
        }
    )

    packs: list[Pack]


@router.get("", summary="List packs and their versions")
def list_packs(caller: Caller) -> Packs:
    """Every pack with its versions, which of them is current, and the core of each model card.

    The operator promotes versions and rolls them back (`winnow packs promote`, `winnow packs rollback`); a screening
    keeps those that it began with, which `GET /v1/screenings/{id}` names.
    """
    with app_session(caller.tenant_id) as session:
        found = packs.listing(session)
    names = list(dict.fromkeys(pack.name for pack in found))
    return Packs(packs=[_pack([pack for pack in found if pack.name == name]) for name in names])


def _pack(versions: list[PackVersion]) -> Pack:
    newest = versions[0]
    current = next((pack.version for pack in versions if pack.current), None)
    kind = str(newest.manifest.get("kind", newest.name))
    return Pack(name=newest.name, kind=kind, current=current, versions=[_version(pack) for pack in versions])


def _version(pack: PackVersion) -> Version:
    card = pack.manifest.get("card") or {}
    told = {name: card.get(name) for name in ("summary", "intended_use", "limits", "metrics", "licence", "notice")}
    return Version(
        version=pack.version, current=pack.current, registered_at=pack.registered_at, fetched_from=pack.source, **told
    )
