"""Drives an application by HTTP and by its commands, as browsers and operators do."""

import html
import http.cookiejar
import json
import os
import re
import signal
import subprocess
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from Campaigns.database import rows
from regctl import KEY
from server_database import ServerDatabase

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
ENVIRONMENTS = Path(os.environ.get("REGCTL_PACKAGE_SETS", ROOT / ".venv" / "package-sets"))
SALT = "my_precious_two"
PASSWORD = "right password"


@dataclass
class Page:
    """A page as a browser shows it after all redirections."""

    status: int
    path: str
    text: str

    @property
    def messages(self) -> list[str]:
        """The application's messages at the top of the page, in order."""
        return [html.unescape(text) for text in re.findall(r"<li class=.*?>(.*?)</li>", self.text)]

    @property
    def errors(self) -> dict[str, str]:
        """The errors of the form, by field."""
        return dict(re.findall(r'<em class="(.*?)">(.*?)</em>', self.text))

    @property
    def account(self) -> str:
        """The address that is logged in; empty when none is."""
        return html.unescape(re.search(r'<p id="account">(.*?)</p>', self.text)[1])


class Browser:
    """Cookies, and the pages that are seen with them."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.cookies = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self.cookies), urllib.request.ProxyHandler({})
        )

    def get(self, link: str, form: dict[str, str] | None = None) -> Page:
        """Follows a path, or a link in a mail to the application's user."""
        data = urllib.parse.urlencode(form).encode() if form is not None else None
        try:
            answer = self._opener.open(urllib.parse.urljoin(self.origin, link), data, timeout=300)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            path = urllib.parse.urlsplit(answer.url).path
            return Page(answer.status, path, answer.read().decode())

    def submit(self, path: str, **fields: str) -> Page:
        """Opens a page, fills its form in and sends it, with its token against forgery."""
        page = self.get(path)
        if page.status != 200 or "<form" not in page.text:
            return page
        token = re.search(r'name="csrf_token"[^>]* value="(.*?)"', page.text)
        return self.get(path, fields | ({"csrf_token": token[1]} if token else {}))

    def register(self, email: str, password: str = PASSWORD) -> Page:
        return self.submit("/register", email=email, password=password, confirm=password)

    def login(self, email: str, password: str = PASSWORD) -> Page:
        return self.submit("/login", email=email, password=password)

    def logout(self) -> Page:
        return self.get("/logout")

    def profile(self) -> Page:
        return self.get("/profile")

    def change_password(self, password: str) -> Page:
        return self.submit("/profile", password=password, confirm=password)

    def unconfirmed(self) -> Page:
        return self.get("/unconfirmed")

    def resend(self) -> Page:
        return self.get("/resend")

    def forgot(self, email: str) -> Page:
        return self.submit("/forgot", email=email)

    def forgot_new(self, link: str, password: str) -> Page:
        return self.submit(link, password=password, confirm=password)


class PackageSet:
    """A generation of packages, in a virtual environment of its own.

    One process loads the packages and forks whatever runs on them: see launcher.py.
    """

    def __init__(self, name: str, **environment: str) -> None:
        """A package set whose processes have further variables in their environment."""
        self.name = name
        self.environment = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1"} | environment
        self.python = ENVIRONMENTS / name / "bin" / "python"
        self._launcher: subprocess.Popen | None = None

    def launch(self, **request: object) -> dict:
        """Has the launcher fork a process, and returns its description."""
        if not self._launcher:
            self._launcher = subprocess.Popen(
                [self.python, "-W", "ignore", HERE / "launcher.py"], text=True,
                env=self.environment,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            )
        self._launcher.stdin.write(json.dumps(request) + "\n")
        self._launcher.stdin.flush()
        answer = self._launcher.stdout.readline()
        assert answer, f"the launcher of {self.name} has died"
        return json.loads(answer)

    def close(self) -> None:
        if self._launcher:
            self._launcher.communicate()

    def run(self, code: str, *words: str) -> str:
        """The output of a few lines of code that use the packages."""
        line = [self.python, "-W", "ignore", "-c", code, *words]
        return subprocess.run(line, capture_output=True, text=True, check=True, cwd=HERE).stdout


class Application:
    """The application on a database: its commands, and, while it is served, its pages."""

    def __init__(
        self, package_set: PackageSet, directory: Path, mail_port: int,
        database: ServerDatabase | None = None, **variables: object,
    ) -> None:
        """Its database is an empty one on a server, or else a file."""
        self.package_set = package_set
        self.directory = directory
        self.db = database or directory / "application.sqlite"
        self.log = directory / "application.log"
        self.log.touch()
        self.origin = ""
        self.environment = {
            "APP_SETTINGS": "registration.configuration.DevelopmentConfig",
            "APP_DATABASE_URL": str(database or f"sqlite:///{self.db}"),
            "APP_SECRET_KEY": KEY,
            "APP_SALT": SALT,
            "APP_BCRYPT_LOG_ROUNDS": "4",
            "APP_MAIL_PORT": str(mail_port),
            "APP_MAIL_USE_SSL": "false",
            # See registration/passwords.py.
            "APP_TEXT_HASHES": str(database is not None).lower(),
            "TZ": "UTC",
        } | {name: str(value) for name, value in variables.items()}
        self._server: int | None = None

    def command(self, *words: str) -> tuple[int, str]:
        """Runs one of the application's commands in its directory: exit code, all its output."""
        before = self.log.stat().st_size
        answer = self._launch(words)
        with self.log.open() as log:
            log.seek(before)
            return answer["code"], answer["output"] + log.read()

    def manage(self, *words: str) -> str:
        """Runs one of the application's commands, which must succeed."""
        code, output = self.command(*words)
        assert code == 0, (words, output)
        return output

    def start(self) -> None:
        """Serves the application on a port of its own, until `stop`."""
        answer = self._launch(["serve"])
        assert answer["output"].strip().isdigit(), self.log.read_text()
        self._server = answer["pid"]
        self.origin = f"http://127.0.0.1:{answer['output'].strip()}"

    def stop(self) -> None:
        if self._server:
            # The launcher has not waited for it, so that the number is still its own.
            os.kill(self._server, signal.SIGKILL)
            self._server = None

    def browser(self) -> Browser:
        """A browser without cookies."""
        return Browser(self.origin)

    def log_in(self, email: str, password: str = PASSWORD) -> Browser:
        """A browser that has logged in."""
        browser = self.browser()
        page = browser.login(email, password)
        assert (page.status, page.account) == (200, email), (page, self.log.read_text()[-2000:])
        return browser

    def query(self, statement: str, *values: object) -> list[tuple]:
        """Runs one statement on the database, past the application."""
        return rows(self.db, statement, *values)

    def _launch(self, words: Sequence[str]) -> dict:
        return self.package_set.launch(
            directory=str(self.directory), environment=self.environment,
            log=str(self.log), words=list(words),
        )
