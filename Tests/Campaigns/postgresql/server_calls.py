"""Which of the successful calls of every command write on a server, and which only look."""

from Campaigns.calls import CALLS, Call
from Campaigns.postgresql.server_site import ServerSite
from Campaigns.preparation import long_ago

# Places in an empty database and in one of the application; both begin with whatever is there.
EMPTY = (
    "SET client_min_messages = error; DROP SCHEMA IF EXISTS regctl CASCADE;"
    " DROP TABLE IF EXISTS users"
)
# As SQLAlchemy makes it.
APPLICATION = (
    "CREATE TABLE users (id SERIAL NOT NULL PRIMARY KEY, email VARCHAR NOT NULL UNIQUE,"
    " password VARCHAR NOT NULL, registered_on TIMESTAMP WITHOUT TIME ZONE NOT NULL,"
    " admin BOOLEAN NOT NULL, confirmed BOOLEAN NOT NULL,"
    " confirmed_on TIMESTAMP WITHOUT TIME ZONE)",
    "INSERT INTO users (email, password, registered_on, admin, confirmed)"
    " SELECT 'user' || n || '@example.org', '!', '2026-01-01', FALSE, FALSE"
    " FROM generate_series(1, 3) AS n",
)


def emptied(site: ServerSite) -> None:
    site.execute(EMPTY)


def emptied_without_key(site: ServerSite) -> None:
    site.execute(EMPTY)
    site.key_file.unlink(missing_ok=True)


def of_application(site: ServerSite) -> None:
    site.execute(EMPTY, *APPLICATION)


# Calls that make the schema.
DEFINING = [
    Call(["create-db"], emptied, is_summary=True),
    Call(["create-db", "--if-not-exists"], emptied_without_key, is_summary=True),
    Call(["migrate-db"], of_application, is_summary=True),
]

# Commands that use no database, or another one than that of the site.
WITHOUT = {"--version", "completion", "config", "help", "show-template", "tour"}
LOOKING = {
    "audit", "check", "doctor", "inspect-token", "list-accounts", "list-admins",
    "list-bounces", "list-outbox", "list-prunes", "list-unconfirmed", "report", "send-test", "show", "show-mail",
    "status",
}  # fmt: skip
# What writers do when there is nothing to do.
IDLE = {
    "create-admin bob@example.org --if-not-exists", "create-db --if-not-exists", "migrate-db",
    "change-email ann@example.org ann@example.org", "resend --all-unconfirmed --yes",
    "rotate-key --drop-expired",
}  # fmt: skip
# Makes a file of SQLite, which has campaigns of its own.
ELSEWHERE = {"backup", "move-db", "restore"}

ON_SERVER = [
    call
    for call in CALLS
    if call.words[0] not in WITHOUT | ELSEWHERE and "--db" not in call.words
]


def changes_nothing(call: Call) -> bool:
    # Who has seen a secret is in the audit.
    if "--with-token" in call.words:
        return False
    looks = call.words[0] in LOOKING or {"--dry-run", "--waves"} & set(call.words)
    return bool(looks) or str(call) in IDLE


def exit_code(call: Call) -> int:
    """The server of the tests has fsync off, which doctor counts as a failed check."""
    return int(call.words[0] == "doctor")


LOOKING_CALLS = [call for call in ON_SERVER if changes_nothing(call)]
WRITING_CALLS = [call for call in ON_SERVER if not changes_nothing(call)] + [
    # Here, the earlier mails were sent.
    Call(["resend", "--all-unconfirmed", "--yes"], long_ago, is_summary=True)
]
