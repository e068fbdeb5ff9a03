"""Commands of the person who runs the deployment: `python -m db.admin --help`."""

import argparse
import sys
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy.engine import make_url

from db import admin_keys, admin_packs, admin_retention, admin_tenants, revisions
from db.keys import UnknownKeyError
from db.packs import PackChangedError
from db.roles import RolePasswords, create_roles
from db.settings import SettingsError, database_url
from db.tenants import UnknownTenantError

ROOT = Path(__file__).parent.parent


def bootstrap() -> None:
    """Create the roles and the database that the three addresses name, as DATABASE_SUPERUSER_URL."""
    owner, app, system = (
        make_url(database_url(name)) for name in ("DATABASE_OWNER_URL", "DATABASE_URL", "DATABASE_SYSTEM_URL")
    )
    passwords = RolePasswords(str(owner.password), str(app.password), str(system.password))
    create_roles(database_url("DATABASE_SUPERUSER_URL"), str(app.database), passwords)


def migrate() -> None:
    """Bring the tables of DATABASE_OWNER_URL up to date; those that a newer program has migrated stay as they are."""
    with admin_packs.owner_session() as session:
        tables = revisions.tables(session)
    if tables.ahead:
        print(f"The tables are at migration {tables.at}, newer than this program, which works on them as they are.")
        return
    config = Config(str(ROOT / "alembic.ini"))
    command.upgrade(config, "head")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m db.admin", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("bootstrap", help="create roles and database (needs DATABASE_SUPERUSER_URL)")
    commands.add_parser("migrate", help="bring the tables up to date (needs DATABASE_OWNER_URL)")
    admin_keys.add_commands(commands)
    admin_packs.add_commands(commands)
    admin_tenants.add_commands(commands)
    admin_retention.add_commands(commands)
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
            case _:
                arguments.run(arguments)
    except (SettingsError, PackChangedError, UnknownKeyError, UnknownTenantError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
