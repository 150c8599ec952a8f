"""Writes a migration from the difference between the tables and an upgraded empty database."""

import sys

from alembic import command

from followup.store.database import Database, alembic_config, upgrade


def make_migration(name: str) -> None:
    database = Database("sqlite://")
    upgrade(database)
    config = alembic_config()
    with database.engine.execution_options(writes=True).begin() as connection:
        config.attributes["connection"] = connection
        number = 1 + sum(1 for _ in command.ScriptDirectory.from_config(config).walk_revisions())
        command.revision(config, name, autogenerate=True, rev_id=f"{number:04}")


if __name__ == "__main__":
    make_migration(" ".join(sys.argv[1:]) or sys.exit('Say what it is for: make migration NAME="..."'))
