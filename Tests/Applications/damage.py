"""Changes by the application's own tools to a database that regctl uses."""

from pathlib import Path

from Applications.driver import Application

# What Flask-Migrate writes for another type of column: SQLite's table is copied and replaced.
BATCH = """
import sys, sqlalchemy
from alembic.migration import MigrationContext
from alembic.operations import Operations
with sqlalchemy.create_engine(sys.argv[1]).begin() as connection:
    operations = Operations(MigrationContext.configure(connection))
    with operations.batch_alter_table("users") as batch:
        batch.alter_column("email", type_=sqlalchemy.String(255))
"""
# The lines for env.py that exclude regctl's objects.
LEAVE_OUT = '''
def include_object(item, name, kind, reflected, compare_to):
    return not (name or "").startswith("regctl_")


'''
OPTION = "include_object=include_object, "


def begin_migrations(application: Application) -> None:
    """Gives the application a database that its migrations made."""
    for words in (["init"], ["migrate"], ["upgrade"]):
        application.manage("db", *words)


def leave_out(application: Application) -> None:
    """Adds the lines that leave out regctl's tables to the application's env.py."""
    path = application.directory / "migrations" / "env.py"
    text = path.read_text()
    for place, lines in (("def run_migrations_offline", LEAVE_OUT), ("target_metadata=", OPTION)):
        # The last occurrence: the first one configures the offline mode.
        at = text.rindex(place)
        text = text[:at] + lines + text[at:]
    path.write_text(text)


def newest_migration(application: Application) -> str:
    """The upgrade of the migration that was written last."""
    versions = application.directory.glob("migrations/versions/*.py")
    text = max(versions, key=lambda path: path.stat().st_mtime_ns).read_text()
    return text[text.index("def upgrade") : text.index("def downgrade")]


def migrate(application: Application) -> None:
    """Writes a migration and applies it: it drops objects without a model."""
    application.manage("db", "migrate")
    application.manage("db", "upgrade")


def alter_in_batch(application: Application) -> None:
    application.package_set.run(BATCH, application.environment["APP_DATABASE_URL"])


def drop_and_create(application: Application) -> None:
    application.manage("drop_db")
    application.manage("create_db")


def drop_trigger(application: Application) -> None:
    on_table = "" if isinstance(application.db, Path) else " ON users"
    application.query(f"DROP TRIGGER regctl_users_deleted{on_table}")


def drop_index(application: Application) -> None:
    application.query("DROP INDEX regctl_users_unconfirmed")


def drop_side_table(application: Application) -> None:
    application.query("DROP TABLE regctl_campaigns")
