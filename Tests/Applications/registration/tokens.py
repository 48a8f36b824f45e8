"""Signed addresses, for links in mails."""

from flask import current_app
from itsdangerous import BadData, URLSafeTimedSerializer


def generate_confirmation_token(email):
    """A token with an address; it is valid for confirming and for a new password alike."""
    serializer = URLSafeTimedSerializer(current_app.config["SECRET_KEY"])
    return serializer.dumps(email, salt=current_app.config["SECURITY_PASSWORD_SALT"])


def confirm_token(token, expiration=3600):
    """The address in a token, or `False` when it is forged or too old."""
    serializer = URLSafeTimedSerializer(current_app.config["SECRET_KEY"])
    salt = current_app.config["SECURITY_PASSWORD_SALT"]
    try:
        return serializer.loads(token, salt=salt, max_age=expiration)
    except BadData:
        return False
