"""The pages of an account."""

import datetime

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_login import current_user, login_required, login_user, logout_user

from registration.decorators import check_confirmed
from registration.extensions import bcrypt, db
from registration.forms import ChangePasswordForm, ForgotForm, LoginForm, RegisterForm
from registration.mails import send_confirmation, send_reset
from registration.models import User
from registration.passwords import hash_password
from registration.tokens import confirm_token, generate_confirmation_token

users = Blueprint("users", __name__)


@users.route("/register", methods=["GET", "POST"])
def register():
    form = RegisterForm(request.form)
    if form.validate_on_submit():
        user = User(form.email.data, form.password.data, confirmed=False)
        db.session.add(user)
        db.session.commit()
        send_confirmation(user.email)
        login_user(user)
        flash("registered", "success")
        return redirect(url_for("users.unconfirmed"))
    return render_template("form.html", title="Register", form=form)


@users.route("/login", methods=["GET", "POST"])
def login():
    form = LoginForm(request.form)
    if form.validate_on_submit():
        user = User.query.filter_by(email=form.email.data).first()
        if user and bcrypt.check_password_hash(user.password, request.form["password"]):
            login_user(user)
            flash("logged in", "success")
            return redirect(url_for("pages.home"))
        flash("wrong address or password", "danger")
    return render_template("form.html", title="Log in", form=form)


@users.route("/logout")
@login_required
def logout():
    logout_user()
    flash("logged out", "success")
    return redirect(url_for("users.login"))


@users.route("/profile", methods=["GET", "POST"])
@login_required
@check_confirmed
def profile():
    form = ChangePasswordForm(request.form)
    if form.validate_on_submit():
        user = User.query.filter_by(email=current_user.email).first()
        user.password = hash_password(form.password.data)
        db.session.commit()
        flash("password changed", "success")
        return redirect(url_for("users.profile"))
    return render_template("form.html", title="Profile", form=form)


@users.route("/confirm/<token>")
@login_required
def confirm_email(token):
    if current_user.confirmed:
        flash("already confirmed", "success")
        return redirect(url_for("pages.home"))
    email = confirm_token(token)
    user = User.query.filter_by(email=current_user.email).first_or_404()
    if user.email == email:
        user.confirmed = True
        user.confirmed_on = datetime.datetime.now()
        db.session.add(user)
        db.session.commit()
        flash("confirmed", "success")
    else:
        flash("link invalid or expired", "danger")
    return redirect(url_for("pages.home"))


@users.route("/unconfirmed")
@login_required
def unconfirmed():
    if current_user.confirmed:
        return redirect(url_for("pages.home"))
    flash("not confirmed yet", "warning")
    return render_template("page.html", title="Unconfirmed")


@users.route("/resend")
@login_required
def resend_confirmation():
    send_confirmation(current_user.email)
    flash("mailed again", "success")
    return redirect(url_for("users.unconfirmed"))


@users.route("/forgot", methods=["GET", "POST"])
def forgot():
    form = ForgotForm(request.form)
    if form.validate_on_submit():
        user = User.query.filter_by(email=form.email.data).first()
        token = generate_confirmation_token(user.email)
        user.password_reset_token = token
        db.session.commit()
        send_reset(user.email, token)
        flash("reset mailed", "success")
        return redirect(url_for("pages.home"))
    return render_template("form.html", title="Forgot", form=form)


@users.route("/forgot/new/<token>", methods=["GET", "POST"])
def forgot_new(token):
    user = User.query.filter_by(email=confirm_token(token)).first_or_404()
    # Any token of the address will do while one is stored: the original has it so.
    if user.password_reset_token is None:
        flash("no reset was asked for", "danger")
        return redirect(url_for("pages.home"))
    form = ChangePasswordForm(request.form)
    if form.validate_on_submit():
        user.password = hash_password(form.password.data)
        user.password_reset_token = None
        db.session.commit()
        login_user(user)
        flash("password changed", "success")
        return redirect(url_for("users.profile"))
    return render_template("form.html", title="New password", form=form)
