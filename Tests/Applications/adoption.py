"""How the application gets its database, and regctl the application's."""

from pathlib import Path

from Applications.driver import SALT, Application
from regctl import Site
from server_database import ServerDatabase

_made: dict[tuple, bytes | ServerDatabase] = {}


def with_own_database(application: Application) -> None:
    """Gives the application the database of its `create_db`, which runs once for each kind of it."""
    is_file = isinstance(application.db, Path)
    variables = [application.environment.get(name) for name in ("APP_MODULE", "RELATIVE")]
    kind = (application.package_set.name, is_file, *variables)
    if kind not in _made:
        application.manage("create_db")
        _made[kind] = application.db.read_bytes() if is_file else application.db.copy()
    if is_file:
        application.db.write_bytes(_made[kind])
    else:
        application.db.become_copy(_made[kind])


def adopt(application: Application, **settings: object) -> Site:
    """regctl with the application's key, salt, database, links and mail server.

    The database is migrated unless the test does that itself: `migrate=False`. A setting of
    `None` is omitted.
    """
    is_to_migrate = settings.pop("migrate", True)
    settings = (
        {
            "db": application.db,
            "security_password_salt": SALT,
            "confirm_url": f"{application.origin}/confirm/{{token}}",
            "reset_url": f"{application.origin}/forgot/new/{{token}}",
            "mail_transport": "smtp",
            "mail_server": "127.0.0.1",
            "mail_port": application.environment["APP_MAIL_PORT"],
            "mail_security": "none",
        }
        | settings
    )
    given = {name: value for name, value in settings.items() if value is not None}
    database = None if isinstance(application.db, Path) else application.db
    site = Site(application.directory, database, **given)
    site.db = application.db
    if is_to_migrate:
        site.ok("migrate-db")
    return site
