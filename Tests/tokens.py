"""Tokens as the Flask application signs them."""

import hashlib

from itsdangerous import TimestampSigner, URLSafeTimedSerializer

from regctl import KEY

SALTS = {"confirm": "email-confirm", "reset": "password-reset", "change-email": "change-email"}


def token(email: str, at: int, purpose: str = "confirm", key: str = KEY) -> str:
    """The token that the Flask application would have issued at a second."""
    return bound_token(email, at, purpose, key)


def fingerprint(stored_hash: str) -> str:
    """What ties a reset token to the password that it replaces."""
    return hashlib.sha256(stored_hash.encode()).hexdigest()[:16]


def bound_token(payload: object, at: int, purpose: str, key: str = KEY) -> str:
    """A token that says anything, such as a list of an address and what it is bound to."""

    class Signer(TimestampSigner):
        def get_timestamp(self) -> int:
            return at

    return URLSafeTimedSerializer(key, salt=SALTS[purpose], signer=Signer).dumps(payload)
