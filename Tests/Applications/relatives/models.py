"""The models, each after what public applications have; RELATIVE in the environment names one.

`names` gives the attribute for what the original calls otherwise: `None` where there is none.
"""

import os

from flask_login import UserMixin
from flask_sqlalchemy import SQLAlchemy

db = SQLAlchemy()


class Account(UserMixin):
    """What the models share. A name that is missing in `names` is the original's."""

    names: dict[str, str | None] = {}
    hashing = "bcrypt"
    salt: str | None = None
    own: dict[str, object] = {}

    @classmethod
    def name(cls, column: str) -> str | None:
        return cls.names.get(column, column)

    def get_id(self) -> str:
        return str(getattr(self, self.name("id")))

    def has(self, column: str) -> object:
        return getattr(self, self.name(column))


class Renamed(Account):
    """Every column but two has another name."""

    __tablename__ = "users"
    names = {
        "password": "password_hash", "registered_on": "created_at", "admin": "is_admin",
        "confirmed": "is_confirmed", "confirmed_on": "confirmed_at",
    }
    salt = "email-confirm"
    hashing = "scrypt"
    id = db.Column(db.Integer, primary_key=True)
    email = db.Column(db.String(120), unique=True, nullable=False)
    password_hash = db.Column(db.String(256), nullable=False)
    created_at = db.Column(db.DateTime, nullable=False)
    is_admin = db.Column(db.Boolean, nullable=False, default=False)
    is_confirmed = db.Column(db.Boolean, nullable=False, default=False)
    confirmed_at = db.Column(db.DateTime)


class Verified(Account):
    """An account is confirmed when it has a date."""

    __tablename__ = "accounts"
    names = {
        "password": "hashed_password", "registered_on": "created_at", "admin": "is_admin",
        "confirmed": "email_verified_at", "confirmed_on": "email_verified_at",
    }
    id = db.Column(db.Integer, primary_key=True)
    email = db.Column(db.String, unique=True, nullable=False)
    hashed_password = db.Column(db.String, nullable=False)
    created_at = db.Column(db.DateTime, nullable=False)
    email_verified_at = db.Column(db.DateTime)
    is_admin = db.Column(db.Boolean, nullable=False, default=False)


class WithoutAdministrators(Account):
    """There are no administrators."""

    __tablename__ = "users"
    names = {"admin": None}
    id = db.Column(db.Integer, primary_key=True)
    email = db.Column(db.String, unique=True, nullable=False)
    password = db.Column(db.String, nullable=False)
    registered_on = db.Column(db.DateTime, nullable=False)
    confirmed = db.Column(db.Boolean, nullable=False, default=False)
    confirmed_on = db.Column(db.DateTime)


class WithoutDates(Account):
    """There are no dates."""

    __tablename__ = "members"
    names = {"registered_on": None, "admin": "is_admin", "confirmed": "verified", "confirmed_on": None}
    id = db.Column(db.Integer, primary_key=True)
    email = db.Column(db.String, unique=True, nullable=False)
    password = db.Column(db.String, nullable=False)
    is_admin = db.Column(db.Boolean, nullable=False, default=False)
    verified = db.Column(db.Boolean, nullable=False, default=False)


class Named(Account):
    """A table `user`, with a column of its own that must not be empty."""

    __tablename__ = "user"
    names = {
        "password": "password_hash", "registered_on": "created_at", "admin": "is_admin",
        "confirmed_on": "confirmed_at",
    }
    salt = "confirm"
    hashing = "pbkdf2:sha256:1000"
    own = {"username": lambda email: email.split("@")[0], "about": lambda email: f"I am {email}"}
    id = db.Column(db.Integer, primary_key=True)
    username = db.Column(db.String(64), unique=True, nullable=False)
    email = db.Column(db.String(120), unique=True, index=True, nullable=False)
    password_hash = db.Column(db.String(256), nullable=False)
    about = db.Column(db.Text)
    created_at = db.Column(db.DateTime, nullable=False)
    is_admin = db.Column(db.Boolean, nullable=False, default=False)
    confirmed = db.Column(db.Boolean, nullable=False, default=False)
    confirmed_at = db.Column(db.DateTime)


class Numbered(Account):
    """The key has another name too, and a column has a default value of the database's."""

    __tablename__ = "people"
    names = {
        "id": "person_id", "email": "email_address", "registered_on": "joined_at",
        "admin": "superuser", "confirmed": "verified", "confirmed_on": "verified_on",
    }
    person_id = db.Column(db.Integer, primary_key=True)
    email_address = db.Column(db.String, unique=True, nullable=False)
    password = db.Column(db.String, nullable=False)
    joined_at = db.Column(db.DateTime, nullable=False)
    superuser = db.Column(db.Boolean, nullable=False, default=False)
    verified = db.Column(db.Boolean, nullable=False, default=False)
    verified_on = db.Column(db.DateTime)
    locale = db.Column(db.String(8), nullable=False, server_default="en")


User = type("User", (globals()[os.environ["RELATIVE"]], db.Model), {})
