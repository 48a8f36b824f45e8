"""The steps of a user with an account, from the first page to the last."""

from Applications.driver import Application
from Applications.mail_sink import MailSink


def go_through_every_page(application: Application, mails: MailSink, address: str) -> None:
    """Opens every page of the application; each must answer as it does on its own database."""
    browser = application.browser()
    assert browser.get("/").status == 200
    assert browser.register(address).path == "/unconfirmed"
    assert browser.unconfirmed().account == address
    assert browser.profile().path == "/unconfirmed"
    assert browser.resend().messages[0] == "mailed again"
    assert browser.get(mails.link(address)).messages == ["confirmed"]
    assert browser.profile().path == "/profile"
    assert browser.change_password("second password").messages == ["password changed"]
    assert browser.logout().path == "/login"
    assert browser.login(address, "second password").messages == ["logged in"]
    browser.logout()
    assert browser.forgot(address).messages == ["reset mailed"]
    page = browser.forgot_new(mails.link(address), "third password")
    assert (page.path, page.messages) == ("/profile", ["password changed"])
    application.log_in(address, "third password")
