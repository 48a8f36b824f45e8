"""The application that regctl works with: the tutorial's model and views on today's Flask.

Mail is not sent but kept in `application.extensions["mails"]`. The tutorial's `manage.py` is

    python flask_application.py create_db|create_admin|list_unconfirmed DATABASE
"""

import datetime
import sys
from functools import wraps
from pathlib import Path

from flask import (
    Blueprint, Flask, abort, current_app, redirect, render_template_string, request, session,
    url_for,
)
from flask_bcrypt import Bcrypt
from flask_sqlalchemy import SQLAlchemy
from itsdangerous import URLSafeTimedSerializer

ACTIVATE = """\
<p>Welcome! Thanks for signing up. Please follow this link to activate your account:</p>
<p><a href="{{ confirm_url }}">{{ confirm_url }}</a></p>
<br>
<p>Cheers!</p>
"""

db = SQLAlchemy()
bcrypt = Bcrypt()
views = Blueprint("user", __name__)


class User(db.Model):
    """The tutorial's model; it stores the hash as the bytes that Flask-Bcrypt returns."""

    __tablename__ = "users"

    id = db.Column(db.Integer, primary_key=True)
    email = db.Column(db.String, unique=True, nullable=False)
    password = db.Column(db.String, nullable=False)
    registered_on = db.Column(db.DateTime, nullable=False)
    admin = db.Column(db.Boolean, nullable=False, default=False)
    confirmed = db.Column(db.Boolean, nullable=False, default=False)
    confirmed_on = db.Column(db.DateTime, nullable=True)

    def __init__(self, email, password, confirmed, admin=False, confirmed_on=None):
        self.email = email
        self.password = bcrypt.generate_password_hash(password)
        self.registered_on = datetime.datetime.now()
        self.admin = admin
        self.confirmed = confirmed
        self.confirmed_on = confirmed_on


def generate_confirmation_token(email: str) -> str:
    serializer = URLSafeTimedSerializer(current_app.config["SECRET_KEY"])
    return serializer.dumps(email, salt=current_app.config["SECURITY_PASSWORD_SALT"])


def confirm_token(token: str, expiration: int = 3600) -> str | bool:
    serializer = URLSafeTimedSerializer(current_app.config["SECRET_KEY"])
    salt = current_app.config["SECURITY_PASSWORD_SALT"]
    try:
        return serializer.loads(token, salt=salt, max_age=expiration)
    except Exception:
        return False


def send_confirmation(user: User) -> None:
    token = generate_confirmation_token(user.email)
    confirm_url = url_for("user.confirm_email", token=token, _external=True)
    html = render_template_string(ACTIVATE, confirm_url=confirm_url)
    mail = {"to": user.email, "confirm_url": confirm_url, "html": html}
    current_app.extensions["mails"].append(mail)


def current_user() -> User | None:
    return db.session.get(User, session["user_id"]) if "user_id" in session else None


def login_required(view):
    @wraps(view)
    def decorated(*arguments, **options):
        if current_user() is None:
            return redirect(url_for("user.login"))
        return view(*arguments, **options)

    return decorated


def check_confirmed(view):
    @wraps(view)
    def decorated(*arguments, **options):
        if current_user().confirmed is False:
            return redirect(url_for("user.unconfirmed"))
        return view(*arguments, **options)

    return decorated


@views.route("/register", methods=["POST"])
def register():
    user = User(request.form["email"], request.form["password"], confirmed=False)
    db.session.add(user)
    db.session.commit()
    send_confirmation(user)
    session["user_id"] = user.id
    return redirect(url_for("user.unconfirmed"))


@views.route("/login", methods=["GET", "POST"])
def login():
    if request.method == "GET":
        return "Please log in."
    user = User.query.filter_by(email=request.form["email"]).first()
    password = request.form["password"]
    if user is None or not bcrypt.check_password_hash(user.password, password):
        return "Invalid email and/or password.", 403
    session["user_id"] = user.id
    return redirect(url_for("user.profile"))


@views.route("/profile")
@login_required
@check_confirmed
def profile():
    return f"The profile of {current_user().email}."


@views.route("/unconfirmed")
@login_required
def unconfirmed():
    if current_user().confirmed:
        return redirect(url_for("user.profile"))
    return "Please confirm your account!"


@views.route("/confirm/<token>")
@login_required
def confirm_email(token):
    email = confirm_token(token)
    if email is False:
        abort(400, "The confirmation link is invalid or has expired.")
    user = User.query.filter_by(email=email).first_or_404()
    if user.confirmed:
        return "Account already confirmed. Please login."
    user.confirmed = True
    user.confirmed_on = datetime.datetime.now()
    db.session.add(user)
    db.session.commit()
    return "You have confirmed your account. Thanks!"


@views.route("/resend")
@login_required
def resend_confirmation():
    send_confirmation(current_user())
    return redirect(url_for("user.unconfirmed"))


def create_application(database: Path, **settings: object) -> Flask:
    """The application on a database file; settings replace those of the tutorial."""
    application = Flask(__name__)
    application.config.update(
        SECRET_KEY="my_precious",
        SECURITY_PASSWORD_SALT="my_precious_two",
        BCRYPT_LOG_ROUNDS=4,
        SQLALCHEMY_DATABASE_URI=f"sqlite:///{Path(database).resolve()}",
    )
    application.config.update(settings)
    application.extensions["mails"] = []
    db.init_app(application)
    bcrypt.init_app(application)
    application.register_blueprint(views)
    return application


def create_db() -> None:
    """Creates the tables."""
    db.create_all()


def create_admin() -> None:
    """Creates the tutorial's administrator."""
    moment = datetime.datetime.now()
    db.session.add(User("ad@min.com", "admin", True, admin=True, confirmed_on=moment))
    db.session.commit()


def list_unconfirmed() -> None:
    """Prints the addresses that are not confirmed, oldest first."""
    for user in User.query.filter_by(confirmed=False).order_by(User.registered_on, User.id):
        print(user.email)


if __name__ == "__main__":
    commands = {
        "create_db": create_db, "create_admin": create_admin, "list_unconfirmed": list_unconfirmed
    }
    with create_application(Path(sys.argv[2])).app_context():
        commands[sys.argv[1]]()
