"""The pages that need no account."""

from flask import Blueprint, render_template

pages = Blueprint("pages", __name__)


@pages.route("/")
def home():
    return render_template("page.html", title="Home")
