"""Mails, sent while the request waits: a failure is an error 500."""

from flask import current_app, render_template, url_for
from flask_mail import Message

from registration.extensions import mail
from registration.tokens import generate_confirmation_token


def send_email(to, subject, html):
    sender = current_app.config["MAIL_DEFAULT_SENDER"]
    mail.send(Message(subject, recipients=[to], html=html, sender=sender))


def send_confirmation(email):
    """Mails a link that confirms an address."""
    token = generate_confirmation_token(email)
    url = url_for("users.confirm_email", token=token, _external=True)
    html = render_template("activate.html", confirm_url=url)
    send_email(email, "Confirm your address", html)


def send_reset(email, token):
    """Mails a link to a form for a new password."""
    url = url_for("users.forgot_new", token=token, _external=True)
    html = render_template("reset.html", username=email, reset_url=url)
    send_email(email, "Choose a new password", html)
