"""The forms; each shows errors beside its fields."""

from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired, Email, EqualTo, Length, ValidationError

from registration.models import User
from registration.package_set import Form


class LoginForm(Form):
    email = StringField("email", validators=[DataRequired(), Email()])
    password = PasswordField("password", validators=[DataRequired()])


class RegisterForm(Form):
    email = StringField("email", validators=[DataRequired(), Email(), Length(min=6, max=255)])
    password = PasswordField("password", validators=[DataRequired(), Length(min=6, max=255)])
    confirm = PasswordField("repeated", validators=[DataRequired(), EqualTo("password")])

    def validate_email(self, field):
        if User.query.filter_by(email=field.data).first():
            raise ValidationError("already registered")


class ForgotForm(Form):
    email = StringField("email", validators=[DataRequired(), Email(), Length(min=6, max=255)])

    def validate_email(self, field):
        if not User.query.filter_by(email=field.data).first():
            raise ValidationError("not registered")


class ChangePasswordForm(Form):
    password = PasswordField("password", validators=[DataRequired(), Length(min=6, max=255)])
    confirm = PasswordField("repeated", validators=[DataRequired(), EqualTo("password")])
