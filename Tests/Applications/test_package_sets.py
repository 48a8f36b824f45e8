"""The two sets of packages, and their behaviour that regctl must match."""

import json
import re
import time
from pathlib import Path

from Applications.adoption import with_own_database
from Applications.marks import by_generation, only_pinned, only_today
from Campaigns.database import schema

# What the tutorial's requirements file names of what has a part in the application.
NAMED = """\
Flask==0.10.1 Flask-Bcrypt==0.6.0 Flask-Login==0.2.11 Flask-Mail==0.9.1 Flask-Migrate==1.2.0
Flask-SQLAlchemy==2.0 Flask-Script==2.0.5 Flask-WTF==0.10.2 Jinja2==2.7.3 Mako==1.0.0
MarkupSafe==0.23 SQLAlchemy==0.9.8 WTForms==2.0.1 Werkzeug==0.9.6 alembic==0.6.7 blinker==1.3
itsdangerous==0.24 psycopg2==2.5.4 py-bcrypt==0.4""".split()
# Of these, what no Python that can be had builds and runs: the templates, which store nothing, and
# the driver, which sends what SQLAlchemy gives it.
REPLACED = {"Jinja2==2.7.3", "MarkupSafe==0.23", "psycopg2==2.5.4"}


def required(name: str) -> set[str]:
    """The lines of a requirements file."""
    lines = (Path(__file__).parent / f"{name}.txt").read_text().splitlines()
    return {line for line in lines if not line.startswith("#")}


def installed(package_set) -> set[str]:
    """Every package that the requirements of a set name, with the version that is there."""
    code = "import sys; from importlib.metadata import version as v; print(*map(v, sys.argv[1:]))"
    names = sorted(line.split("==")[0] for line in required(package_set.name))
    return {f"{a}=={b}" for a, b in zip(names, package_set.run(code, *names).split(), strict=True)}


def test_a_package_set_has_the_versions_that_it_requires(package_set):
    assert installed(package_set) == required(package_set.name)


def test_the_pinned_set_is_what_the_requirements_name_but_for_what_cannot_be_built():
    assert set(NAMED) - required("pinned") == REPLACED
    assert {line.split("==")[0] for line in NAMED} == {
        line.split("==")[0] for line in required("pinned")
    }


# Hashes.

ANSWER = """
import json, sys
import bcrypt
def answer(password, stored):
    try:
        return bcrypt.hashpw(password, stored) == stored
    except Exception as error:
        return f"{type(error).__name__}: {error}"
answers = [answer(*pair) for pair in json.loads(sys.argv[1])]
print(json.dumps(answers))
"""
HASH = "$2a$04$abcdefghijklmnopqrstuuwHJMEGjfAzmL1lWmUmlphguIbWfjYey"


@only_pinned
def test_py_bcrypt_knows_2a_only_and_answers_anything_else_by_an_exception(package_set):
    pairs = [
        ("hello", HASH), ("other", HASH), ("hello", HASH.replace("2a", "2b")),
        ("hello", HASH.replace("2a", "2y")), ("hello", "!"), ("hello", ""), ("a\0b", HASH),
    ]
    answers = json.loads(package_set.run(ANSWER, json.dumps(pairs)))
    bad = "ValueError: Invalid salt"
    nul = "ValueError: password must not contain nul characters"
    assert answers == [True, False, bad, bad, bad, bad, nul]


@only_pinned
def test_py_bcrypt_ignores_what_is_beyond_72_bytes(package_set):
    code = "import bcrypt, sys; print(*(bcrypt.hashpw('a' * n, sys.argv[1]) for n in (72, 73)))"
    first, second = package_set.run(code, HASH[:29]).split()
    assert first == second


@only_today
def test_bcrypt_of_today_takes_every_prefix_and_refuses_long_passwords(package_set):
    code = (
        "import bcrypt, sys; stored = sys.argv[1].encode()\n"
        "for prefix in (b'2a', b'2b', b'2y'):\n"
        "    print(bcrypt.checkpw(b'hello', stored.replace(b'2a', prefix)))\n"
        "for password, stored in ((b'a' * 73, stored), (b'a', b'!')):\n"
        "    try: bcrypt.hashpw(password, stored)\n"
        "    except ValueError as error: print(error)\n"
    )
    lines = package_set.run(code, HASH).splitlines()
    assert lines[:3] == ["True"] * 3
    assert lines[3].startswith("password cannot be longer than 72 bytes")
    assert lines[4] == "Invalid salt"


# Tokens.


@by_generation("epoch", pinned=1293840000, today=0)
def test_a_token_counts_seconds_from_the_epoch_of_its_generation(package_set, epoch):
    code = (
        "import base64, itsdangerous\n"
        "token = itsdangerous.URLSafeTimedSerializer('key').dumps('ann', salt='salt')\n"
        "stamp = token.rsplit('.', 2)[1]\n"
        "print(int.from_bytes(base64.urlsafe_b64decode(stamp + '=' * (-len(stamp) % 4)), 'big'))\n"
    )
    assert abs(int(package_set.run(code)) + epoch - time.time()) < 60


@by_generation("verdict", pinned="ann", today="SignatureExpired")
def test_only_todays_itsdangerous_refuses_a_token_from_the_future(package_set, verdict):
    code = (
        "import time, itsdangerous\n"
        "serializer = itsdangerous.URLSafeTimedSerializer('key')\n"
        "now = time.time; time.time = lambda: now() + 1000\n"
        "token = serializer.dumps('ann', salt='salt'); time.time = now\n"
        "try: print(serializer.loads(token, salt='salt', max_age=3600))\n"
        "except Exception as error: print(type(error).__name__)\n"
    )
    assert package_set.run(code).strip() == verdict


# What create_db makes, and what a session holds.

TABLE = (
    "CREATE TABLE users ( id INTEGER NOT NULL, email VARCHAR NOT NULL, password VARCHAR NOT NULL,"
    " registered_on DATETIME NOT NULL, admin BOOLEAN NOT NULL, confirmed BOOLEAN NOT NULL,"
    " confirmed_on DATETIME, password_reset_token VARCHAR, PRIMARY KEY (id), UNIQUE (email)"
)
CHECKS = ", CHECK (admin IN (0, 1)), CHECK (confirmed IN (0, 1))"


@by_generation("rest", pinned=CHECKS, today="")
def test_sqlalchemy_makes_the_table_of_users(new_application, rest):
    with_own_database(application := new_application())
    [found] = [sql for *_, name, sql in schema(application.db) if name == "users"]
    assert re.sub(r"\s+", " ", found) == f"{TABLE}{rest} )"


@by_generation("key", pinned="user_id", today="_user_id")
def test_a_session_holds_the_number_of_the_account_and_no_more_of_it(application, key):
    browser = application.browser()
    browser.register("ann@example.org")
    (cookie,) = browser.cookies
    code = (
        "import json, sys, flask\n"
        "from flask.sessions import SecureCookieSessionInterface\n"
        "application = flask.Flask('a'); application.secret_key = sys.argv[1]\n"
        "serializer = SecureCookieSessionInterface().get_signing_serializer(application)\n"
        "print(json.dumps(serializer.loads(sys.argv[2])))\n"
    )
    words = (application.environment["APP_SECRET_KEY"], cookie.value)
    code = "from registration import package_set\n" + code
    session = json.loads(application.package_set.run(code, *words))
    assert session.pop(key) == 1
    # `_id` is a digest of the browser's address and name.
    assert (set(session), session["_fresh"]) == ({"_fresh", "_id"}, True)
