"""An application around a relative's model: its pages, and its commands `create_db` and `serve`."""

import datetime
import os
import sys

from flask import Flask, request
from flask_bcrypt import Bcrypt
from flask_login import LoginManager, current_user, login_required, login_user
from itsdangerous import BadData, URLSafeTimedSerializer
from werkzeug.security import check_password_hash, generate_password_hash
from werkzeug.serving import make_server

from relatives.models import User, db

application = Flask(__name__)
application.config.update(
    SECRET_KEY=os.environ["APP_SECRET_KEY"],
    SQLALCHEMY_DATABASE_URI=os.environ["APP_DATABASE_URL"],
    BCRYPT_LOG_ROUNDS=4,
)
db.init_app(application)
bcrypt = Bcrypt(application)
login_manager = LoginManager(application)
serializer = URLSafeTimedSerializer(application.config["SECRET_KEY"])


@login_manager.user_loader
def load_user(number):
    return db.session.get(User, int(number))


def find(email):
    return User.query.filter(getattr(User, User.name("email")) == email).first()


def hash_password(password):
    if User.hashing == "bcrypt":
        return bcrypt.generate_password_hash(password).decode()
    return generate_password_hash(password, User.hashing)


def is_password(stored, password):
    if User.hashing == "bcrypt":
        return bcrypt.check_password_hash(stored, password)
    return check_password_hash(stored, password)


@application.post("/register")
def register():
    """Adds an account; answers with the token that a mail would have."""
    email = request.form["email"]
    values = {
        "email": email, "password": hash_password(request.form["password"]),
        "registered_on": datetime.datetime.now(datetime.UTC).replace(tzinfo=None),
    }
    named = {User.name(column): value for column, value in values.items()}
    named.pop(None, None)
    db.session.add(User(**named, **{name: make(email) for name, make in User.own.items()}))
    db.session.commit()
    return serializer.dumps(email, **({"salt": User.salt} if User.salt else {}))


@application.get("/confirm/<token>")
def confirm(token):
    try:
        email = serializer.loads(
            token, max_age=3600, **({"salt": User.salt} if User.salt else {})
        )
    except BadData:
        return "invalid link", 400
    user = find(email)
    now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
    if date := User.name("confirmed_on"):
        setattr(user, date, now)
    if User.name("confirmed") != User.name("confirmed_on"):
        setattr(user, User.name("confirmed"), True)
    db.session.commit()
    return "confirmed"


@application.post("/login")
def login():
    user = find(request.form["email"])
    if user is None or not is_password(user.has("password"), request.form["password"]):
        return "invalid address or password", 403
    login_user(user)
    return profile()


@application.get("/profile")
@login_required
def profile():
    """The address of the session's account, and whether it is confirmed."""
    state = "confirmed" if current_user.has("confirmed") else "unconfirmed"
    return f"{current_user.has('email')} {state}"


def serve():
    """Serves the application on a free port of loopback, and prints the port."""
    server = make_server("127.0.0.1", 0, application, threaded=True)
    print(server.socket.getsockname()[1], flush=True)
    server.serve_forever()


def create_db():
    with application.app_context():
        db.create_all()


def main() -> None:
    {"serve": serve, "create_db": create_db}[sys.argv[1]]()
