"""A database on running servers, and the environment that every process of Winnow reads."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from db.roles import APP, OWNER, SYSTEM, RolePasswords, create_roles
from local.credentials import Credentials
from local.servers import Servers

REPOSITORY = Path(__file__).resolve().parent.parent
_INHERITED = ("PATH", "HOME", "LANG", "TMPDIR", "OMP_NUM_THREADS", "CUDA_VISIBLE_DEVICES")
# A reader's own models, or none of the machine's GPUs; a reader's own account.
_CHOSEN = ("WINNOW_DEVICE", "WINNOW_PACKS", "WINNOW_BASE_MODEL", "ADZUNA_APP_ID", "ADZUNA_APP_KEY")


class DeploymentError(RuntimeError):
    """An administrative command failed; the message holds what it said."""


@dataclass(frozen=True, slots=True)
class Deployment:
    """One database of Winnow. `settings` are further variables of its processes' environment (WINNOW_PACKS, ...)."""

    servers: Servers
    credentials: Credentials
    database: str
    settings: tuple[tuple[str, str], ...] = ()

    def environment(self) -> dict[str, str]:
        """All that the processes are told; a developer's shell adds nothing that could matter."""
        inherited = {name: os.environ[name] for name in (*_INHERITED, *_CHOSEN) if name in os.environ}
        return (
            {"WINNOW_PACKS": str(REPOSITORY / "packs")}
            | inherited
            | {
                "DATABASE_URL": self._url(APP, self.credentials.app),
                "DATABASE_SYSTEM_URL": self._url(SYSTEM, self.credentials.system),
                "DATABASE_OWNER_URL": self._url(OWNER, self.credentials.owner),
                "REDIS_URL": self.servers.redis_url,
                "WINNOW_SECRET_KEY": self.credentials.secret_key,
                "HF_HUB_OFFLINE": "1",
                "PYTHONUNBUFFERED": "1",
                **dict(self.settings),
            }
        )

    def create_roles(self) -> None:
        """Make the roles and the database, or bring them up to date."""
        passwords = RolePasswords(self.credentials.owner, self.credentials.app, self.credentials.system)
        create_roles(self.servers.superuser_url, self.database, passwords)

    def administer(self, *arguments: str) -> str:
        """Run `python -m db.admin ARGUMENTS` as an operator would; its output. Raises DeploymentError."""
        done = subprocess.run(
            [sys.executable, "-m", "db.admin", *arguments],
            env=self.environment(),
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise DeploymentError(f"db.admin {arguments[0]} failed:\n{done.stdout}{done.stderr}")
        return done.stdout

    def _url(self, role: str, password: str) -> str:
        return self.servers.postgres.url(role, password, self.database)
