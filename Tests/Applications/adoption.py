"""How the application gets its database, and regctl the application's."""

from Applications.driver import SALT, Application
from regctl import Site

_databases: dict[str, bytes] = {}


def with_own_database(application: Application) -> None:
    """Gives the application the database of its `create_db`, which runs once per package set."""
    name = application.package_set.name
    if name not in _databases:
        application.manage("create_db")
        _databases[name] = application.database.read_bytes()
    application.database.write_bytes(_databases[name])


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
    site = Site(application.directory, **given)
    site.db = application.database
    if is_to_migrate:
        site.ok("migrate-db")
    return site
