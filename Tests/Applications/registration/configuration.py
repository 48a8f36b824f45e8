"""The settings; APP_SETTINGS names one of the classes."""

import configparser
import os


def is_true(name, default):
    """A switch from the environment; any value but `false` and an empty one is true."""
    value = os.environ.get(name, default)
    return bool(value) and str(value).lower() != "false"


class BaseConfig:
    """The common settings. The values are samples, as in a tutorial."""

    SECRET_KEY = os.environ.get("APP_SECRET_KEY", "my_precious")
    SECURITY_PASSWORD_SALT = os.environ.get("APP_SALT", "my_precious_two")
    DEBUG = False
    BCRYPT_LOG_ROUNDS = int(os.environ.get("APP_BCRYPT_LOG_ROUNDS", 13))
    BCRYPT_HANDLE_LONG_PASSWORDS = is_true("APP_LONG_PASSWORDS", False)
    TEXT_HASHES = is_true("APP_TEXT_HASHES", False)
    WTF_CSRF_ENABLED = True
    # Flask-SQLAlchemy 2 would otherwise keep a list of every change.
    SQLALCHEMY_TRACK_MODIFICATIONS = False

    MAIL_SERVER = os.environ.get("APP_MAIL_SERVER", "127.0.0.1")
    MAIL_PORT = int(os.environ.get("APP_MAIL_PORT", 465))
    MAIL_USE_TLS = is_true("APP_MAIL_USE_TLS", False)
    MAIL_USE_SSL = is_true("APP_MAIL_USE_SSL", True)
    MAIL_USERNAME = os.environ.get("APP_MAIL_USERNAME")
    MAIL_PASSWORD = os.environ.get("APP_MAIL_PASSWORD")
    MAIL_DEFAULT_SENDER = "from@example.com"


class DevelopmentConfig(BaseConfig):
    """On the developer's own machine: forms are not protected."""

    WTF_CSRF_ENABLED = False
    SQLALCHEMY_DATABASE_URI = os.environ.get("APP_DATABASE_URL")


class ProductionConfig(BaseConfig):
    """In production everything comes from a file, which APP_PRODUCTION_FILE names here."""

    _file = configparser.ConfigParser()
    if "APP_PRODUCTION_FILE" in os.environ:
        _file.read(os.environ["APP_PRODUCTION_FILE"])

        SECRET_KEY = _file.get("keys", "SECRET_KEY")
        # The salt is read from the key's entry: the original has it so, and its tokens too.
        SECURITY_PASSWORD_SALT = _file.get("keys", "SECRET_KEY")

        MAIL_SERVER = _file.get("mail", "MAIL_SERVER")
        MAIL_PORT = _file.getint("mail", "MAIL_PORT")
        MAIL_USE_TLS = _file.getboolean("mail", "MAIL_USE_TLS")
        MAIL_USE_SSL = _file.getboolean("mail", "MAIL_USE_SSL")
        MAIL_DEFAULT_SENDER = _file.get("mail", "MAIL_DEFAULT_SENDER")

        SQLALCHEMY_DATABASE_URI = _file.get("db", "SQLALCHEMY_DATABASE_URI")
