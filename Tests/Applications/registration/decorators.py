"""Decorators of views."""

from functools import wraps

from flask import flash, redirect, url_for
from flask_login import current_user


def check_confirmed(view):
    """Holds an account that is not confirmed at `/unconfirmed`."""

    @wraps(view)
    def decorated(*arguments, **options):
        if current_user.confirmed is False:
            flash("confirm your address first", "warning")
            return redirect(url_for("users.unconfirmed"))
        return view(*arguments, **options)

    return decorated
