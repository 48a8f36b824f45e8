"""Hashes of passwords."""

from flask import current_app

from registration.extensions import bcrypt


def hash_password(password):
    """The hash as Flask-Bcrypt returns it, or as text.

    That of today returns bytes, which SQLite gives back as they are. PostgreSQL stores their
    hexadecimal digits, with which no login succeeds: applications there decode the hash.
    """
    password_hash = bcrypt.generate_password_hash(password)
    if current_app.config["TEXT_HASHES"] and isinstance(password_hash, bytes):
        return password_hash.decode()
    return password_hash
