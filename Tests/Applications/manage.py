"""The commands of the application, and a server for the tests.

    python manage.py create_db | drop_db | create_admin | serve | db init | db migrate | …
"""

import datetime
import os
import threading

from registration import package_set  # First: the packages of 2014 need it.
from registration.application import application
from registration.extensions import db
from registration.models import User

from flask_migrate import Migrate
from werkzeug.serving import make_server

migrate = Migrate(application, db)


def create_db():
    """Creates the tables."""
    db.create_all()


def drop_db():
    """Drops the tables of the models, and no other."""
    db.drop_all()


def create_admin():
    """Creates the administrator, with the well-known name and password."""
    moment = datetime.datetime.now()
    db.session.add(User("ad@min.com", "admin", True, admin=True, confirmed_on=moment))
    db.session.commit()


def serve():
    """Serves the application on a free port of loopback, and prints the port."""
    is_threaded = os.environ.get("APP_THREADED") != "false"
    server = make_server("127.0.0.1", 0, application, threaded=is_threaded)
    print(server.socket.getsockname()[1], flush=True)
    # In the context of this command, which is its thread's, a login would outlive its request.
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    thread.join()


COMMANDS = [create_db, drop_db, create_admin, serve]


def run_pinned() -> None:
    from flask_migrate import MigrateCommand
    from flask_script import Manager

    manager = Manager(application)
    manager.add_command("db", MigrateCommand)
    for command in COMMANDS:
        manager.command(command)
    manager.run()


def run_today() -> None:
    from flask.cli import FlaskGroup

    for command in COMMANDS:
        application.cli.command(command.__name__)(command)
    FlaskGroup(create_app=lambda: application)()


def main() -> None:
    """Runs the command that the arguments name."""
    run_pinned() if package_set.IS_PINNED else run_today()


if __name__ == "__main__":
    main()
