"""A person of the week."""

from dataclasses import dataclass

from Applications.driver import Browser


@dataclass
class Visitor:
    """A person with an address, which says what becomes of mail to it, and habits."""

    number: int
    email: str
    # `None` for one who was invited and has not set any.
    password: str | None
    is_scanned: bool
    opens_in_application: bool
    confirms: bool
    browser: Browser | None = None
