"""Applications whose tables are made otherwise: what regctl proposes, and both on one database."""

import json

import pytest

from Applications.adoption import adopt, with_own_database
from Applications.driver import PASSWORD
from Applications.marks import only_today
from Campaigns.database import dump
from engines import SQLITE, on_both_engines

pytestmark = [only_today, on_both_engines]

ANN, BOB, CAROL = "ann@example.org", "bob@example.org", "carol@example.org"

# By relative: the salt of its links, and the settings that migrate-db proposes.
RELATIVES = {
    "Renamed": (
        "email-confirm",
        None,
        "password=password_hash registered_on=created_at admin=is_admin confirmed=is_confirmed "
        "confirmed_on=confirmed_at",
    ),
    "Verified": (
        "itsdangerous",
        "accounts",
        "password=hashed_password registered_on=created_at admin=is_admin confirmed=confirmed_on "
        "confirmed_on=email_verified_at",
    ),
    "WithoutAdministrators": ("itsdangerous", None, "admin=none"),
    "WithoutDates": (
        "itsdangerous",
        "members",
        "registered_on=none admin=is_admin confirmed=verified confirmed_on=none",
    ),
    "Named": (
        "confirm",
        "user",
        "password=password_hash registered_on=created_at admin=is_admin confirmed_on=confirmed_at",
    ),
    "Numbered": (
        "itsdangerous",
        "people",
        "id=person_id email=email_address registered_on=joined_at admin=superuser "
        "confirmed=verified confirmed_on=verified_on",
    ),
}

# Their columns that regctl does not know.
OWN_COLUMNS = {"Named": ["username", "about"], "Numbered": ["locale"]}

# The schemes of their hashes, other than bcrypt.
SCHEMES = {"Renamed": "scrypt", "Named": "pbkdf2"}


class Relative:
    """A relative, served, and what its makers know of it."""

    def __init__(self, name, make) -> None:
        self.name = name
        self.salt, self.table, self.columns = RELATIVES[name]
        self.application = make(APP_MODULE="relatives.application", RELATIVE=name)
        with_own_database(self.application)
        self.application.start()

    def adopt(self, **settings):
        """regctl with the settings that the relative calls for."""
        return adopt(
            self.application, security_password_salt=self.salt, users_table=self.table,
            users_columns=self.columns, bcrypt_cost=4,
            password_scheme=SCHEMES.get(self.name, "bcrypt"), db_timezone="UTC", **settings,
        )

    def register(self, email: str) -> str:
        """Registers an account there; returns the token of the link."""
        page = self.application.browser().get("/register", {"email": email, "password": PASSWORD})
        assert page.status == 200, self.application.log.read_text()[-2000:]
        return page.text

    def confirm(self, token: str) -> str:
        return self.application.browser().get(f"/confirm/{token}").text

    def login(self, email: str, password: str = PASSWORD):
        browser = self.application.browser()
        page = browser.get("/login", {"email": email, "password": password})
        return browser, page.status, page.text

    @property
    def rows(self) -> list[tuple]:
        return self.application.query(f'SELECT * FROM "{self.table or "users"}" ORDER BY 1')

    @property
    def has_administrators(self) -> bool:
        return "admin=none" not in self.columns

    @property
    def has_dates(self) -> bool:
        return "registered_on=none" not in self.columns


@pytest.fixture(params=RELATIVES)
def relative(request, new_application):
    return Relative(request.param, new_application)


def test_the_mapping_is_proposed(relative):
    site = adopt(relative.application, migrate=False, security_password_salt=relative.salt)
    before = dump(relative.application.db)
    code, error = site.error("migrate-db")
    assert (code, error["code"]) == (74, "schema_missing")
    table = f"users_table = {relative.table}; " if relative.table else ""
    assert error["hint"] == f"add to regctl.conf: {table}users_columns = {relative.columns}"
    assert dump(relative.application.db) == before
    relative.adopt()


def test_what_the_application_writes_is_read(relative):
    site = relative.adopt()
    token = relative.register(ANN)
    assert [row["email"] for row in site.json("list-unconfirmed")["accounts"]] == [ANN]
    site.ok("confirm", "-", input=token)
    assert relative.login(ANN)[1:] == (200, f"{ANN} confirmed")
    assert site.json("list-unconfirmed")["count"] == 0
    account = site.json("show", ANN)["account"]
    assert account["confirmed"] is True and account["admin"] is False
    assert (account["registered_on"] is not None) == relative.has_dates
    assert (account["confirmed_on"] is not None) == ("confirmed_on=none" not in relative.columns)
    site.ok("check", ANN, "--password-file", "-", input=PASSWORD)
    assert site.run("check", ANN, "--password-file", "-", input="another").returncode == 1


def test_what_regctl_writes_the_application_reads(relative):
    site = relative.adopt()
    relative.register(ANN)
    if relative.name == "Named":
        before = relative.rows
        code, error = site.error("register", BOB, "--password-file", "-", input=PASSWORD)
        assert (code, error["code"]) == (74, "schema_missing") and "username" in error["message"]
        assert relative.rows == before
        relative.register(BOB)
    else:
        site.ok("register", BOB, "--password-file", "-", input=PASSWORD)
    assert relative.login(BOB)[1:] == (200, f"{BOB} unconfirmed")
    token = site.ok("issue-token", BOB).strip()
    assert relative.confirm(token) == "confirmed"
    assert site.json("show", BOB)["account"]["confirmed"] is True
    site.ok("set-password", ANN, "--password-file", "-", input="a new password")
    assert relative.login(ANN, "a new password")[1] == 200
    assert relative.login(ANN)[1] == 403
    site.ok("confirm", "--email", ANN, "--reason", "test")
    site.ok("unconfirm", ANN, "--reason", "test")
    assert relative.login(ANN, "a new password")[2] == f"{ANN} unconfirmed"


def test_a_change_of_address_is_seen(relative):
    site = relative.adopt(change_email_url="https://app.example/change/{token}")
    site.ok("confirm", "-", input=relative.register(ANN))
    site.ok("change-email", ANN, CAROL)
    link = site.ok("issue-token", ANN, "--purpose", "change-email").strip()
    site.ok("confirm", "-", input=link)
    assert relative.login(CAROL)[1] == 200
    assert relative.login(ANN)[1] == 403


def test_administrators_need_a_column(relative):
    site = relative.adopt()
    relative.register(ANN)
    before = relative.rows
    if relative.has_administrators:
        site.ok("grant-admin", ANN)
        assert [row["email"] for row in site.json("list-admins")["accounts"]] == [ANN]
        site.ok("revoke-admin", ANN, "--force")
        assert relative.rows == before
        return
    for words in (
        ["grant-admin", ANN], ["list-admins"],
        ["create-admin", BOB, "--password-file", "-"],
    ):
        code, error = site.error(*words, input=PASSWORD)
        assert (code, error["code"]) == (78, "config_error")
        assert error["message"].endswith("the table users has no column for admin")
    assert relative.rows == before


def test_a_pruned_account_comes_back_as_it_was(relative, engine):
    site = relative.adopt()
    for email in (ANN, BOB, CAROL):
        relative.register(email)
    if not relative.has_dates:
        code, error = site.error("prune", "--older-than", "2d", "--yes")
        assert (code, error["code"]) == (78, "config_error")
        assert error["message"].endswith("the table members has no column for registered_on")
        return
    name = dict(pair.split("=") for pair in relative.columns.split()).get(
        "registered_on", "registered_on"
    )
    relative.application.query(
        f'UPDATE "{relative.table or "users"}" SET {name} = \'2026-01-02 03:04:05.678901\''
    )
    before = relative.rows
    pruned = site.json(
        "prune", "--older-than", "2d", "--yes", "--max", "9", "--include-never-mailed"
    )
    assert pruned["pruned"] == 3
    # In a file, one row reserves its number.
    assert len(relative.rows) == (1 if engine == SQLITE else 0)
    assert relative.login(ANN)[1] == 403
    site.ok("unprune", str(pruned["run"]), "--yes")
    assert relative.rows == before
    assert relative.login(ANN)[1] == 200


def test_the_session_of_a_deleted_account_is_not_the_next_ones(relative):
    site = relative.adopt()
    relative.register(ANN)
    browser, status, _ = relative.login(ANN)
    assert status == 200
    site.ok("delete", ANN, "--reason", "test", "--yes")
    relative.register(BOB)
    assert BOB not in browser.get("/profile").text
    assert relative.login(BOB)[1] == 200


def test_accounts_move_to_a_database_of_the_original(relative, new_site):
    site = relative.adopt()
    site.ok("confirm", "-", input=relative.register(ANN))
    relative.register(BOB)
    exported = site.ok("export")
    assert [json.loads(line)["email"] for line in exported.splitlines()] == [ANN, BOB]
    new = new_site()
    new.ok("create-db")
    own = OWN_COLUMNS.get(relative.name, [])
    without = [word for name in own for word in ("--map", f"{name}=none")]
    new.ok("import", "-", *without, input=exported)
    if relative.has_dates:
        rows = [json.loads(line) for line in exported.splitlines()]
        for name in own:
            assert all(row.pop(name) for row in rows)
        assert [json.loads(line) for line in new.ok("export").splitlines()] == rows
    assert [row["email"] for row in new.json("list-unconfirmed")["accounts"]] == [BOB]


@pytest.mark.parametrize("words", [[], ["--csv"]], ids=["jsonl", "csv"])
def test_accounts_move_to_another_database_of_the_relative(relative, new_application, words):
    site = relative.adopt()
    site.ok("confirm", "-", input=relative.register(ANN))
    relative.register(BOB)
    exported = site.ok("export", *words)
    other = Relative(relative.name, new_application)
    target = other.adopt()
    assert target.json("import", "-", input=exported)["imported"] == 2
    assert other.rows == relative.rows
    assert target.json("import", "-", input=exported)["unchanged"] == 2
    assert other.login(ANN)[1:] == (200, f"{ANN} confirmed")


def test_a_column_that_the_table_requires_is_imported(new_application, engine):
    relative = Relative("Named", new_application)
    site = relative.adopt()
    row = {"email": ANN, "name": "ann"}
    before = relative.rows
    result = site.run("import", "-", "--map", "name=none", input=json.dumps(row))
    assert result.returncode == 65
    assert b"line 1: 'username' is missing, which the table requires" in result.stderr
    assert relative.rows == before
    # As for register, without such a column.
    code, error = site.error("register", ANN, "--no-password")
    assert code == 74 and "username" in error["message"]
    site.ok("import", "-", "--map", "name=username", input=json.dumps(row))
    [(username,)] = relative.application.query('SELECT username FROM "user"')
    assert username == "ann"
    # Another account has the name.
    row["email"] = BOB
    result = site.run("import", "-", "--map", "name=username", input=json.dumps(row))
    assert result.returncode == 65
    refused = "UNIQUE constraint failed: user.username" if engine == SQLITE else "user_username_key"
    assert refused.encode() in result.stderr


def test_doctor_finds_nothing_wrong_with_the_table(relative, engine):
    site = relative.adopt()
    relative.register(ANN)
    checks = json.loads(site.run("doctor", "--json").stdout)["checks"]
    failed = {row["check"]: row["detail"] for row in checks if row["result"] != "ok"}
    # The application makes a file that others can read, and the server of the tests has fsync off.
    assert set(failed) == {"permissions" if engine == SQLITE else "durability"}, failed
