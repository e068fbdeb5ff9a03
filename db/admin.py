"""Commands of the person who runs the deployment: `python -m db.admin --help`."""

import argparse
import os
import sys
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from db import admin_keys, packs
from db.keys import UnknownKeyError
from db.roles import RolePasswords, create_roles
from db.settings import SettingsError, database_url

ROOT = Path(__file__).parent.parent


def bootstrap() -> None:
    """Create the roles and the database that the three addresses name, as DATABASE_SUPERUSER_URL."""
    owner, app, system = (
        make_url(database_url(name)) for name in ("DATABASE_OWNER_URL", "DATABASE_URL", "DATABASE_SYSTEM_URL")
    )
    passwords = RolePasswords(str(owner.password), str(app.password), str(system.password))
    create_roles(database_url("DATABASE_SUPERUSER_URL"), str(app.database), passwords)


def migrate() -> None:
    """Bring the tables of DATABASE_OWNER_URL up to date."""
    config = Config(str(ROOT / "alembic.ini"))
    command.upgrade(config, "head")


def register_packs(root: Path) -> list[tuple[str, str]]:
    """Make the packs under `root` known to the deployment; returns those that are new."""
    engine = create_engine(database_url("DATABASE_OWNER_URL"))
    with Session(engine) as session, session.begin():
        added = packs.register(session, root)
    engine.dispose()
    return added


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m db.admin", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("bootstrap", help="create roles and database (needs DATABASE_SUPERUSER_URL)")
    commands.add_parser("migrate", help="bring the tables up to date (needs DATABASE_OWNER_URL)")
    admin_keys.add_commands(commands)
    register = commands.add_parser("register-packs", help="make model packs known (needs DATABASE_OWNER_URL)")
    register.add_argument("root", nargs="?", type=Path, default=Path(os.environ.get("WINNOW_PACKS", ROOT / "packs")))
    return parser.parse_args()


def main() -> int:
    """Run one command; 0 when it worked."""
    arguments = _arguments()
    try:
        match arguments.command:
            case "bootstrap":
                bootstrap()
            case "migrate":
                migrate()
            case "register-packs":
                for name, version in register_packs(arguments.root):
                    print(f"registered {name} {version}")
            case _:
                arguments.run(arguments)
    except (SettingsError, packs.PackChangedError, UnknownKeyError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
