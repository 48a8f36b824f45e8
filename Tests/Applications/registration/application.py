"""The application, made of its settings, extensions and pages."""

import os

from flask import Flask, render_template

from registration.extensions import bcrypt, db, login_manager, mail
from registration.models import User
from registration.pages import pages
from registration.users import users

application = Flask(__name__)
application.config.from_object(os.environ["APP_SETTINGS"])

for extension in (bcrypt, db, login_manager, mail):
    extension.init_app(application)
application.register_blueprint(pages)
application.register_blueprint(users)

login_manager.login_view = "users.login"
login_manager.login_message_category = "danger"


@login_manager.user_loader
def load_user(number):
    return User.query.filter(User.id == int(number)).first()


@application.errorhandler(403)
def forbidden(error):
    return render_template("page.html", title="Forbidden"), 403


@application.errorhandler(404)
def not_found(error):
    return render_template("page.html", title="Not found"), 404


@application.errorhandler(500)
def failed(error):
    return render_template("page.html", title="Server error"), 500
