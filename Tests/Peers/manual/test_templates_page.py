"""regctl-templates(5): every file and placeholder."""

import json
import re
import shutil

from Peers.manual.page import page
from regctl import ROOT, Site


def template_verdict(site: Site, file: str, text: str) -> str | None:
    """Why a template is refused, or `None` when it can be used."""
    directory = site.directory / "templates"
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir()
    (directory / file).write_text(text)
    result = site.run("doctor", "--json", environment={"REGCTL_TEMPLATES_DIR": str(directory)})
    check = next(check for check in json.loads(result.stdout)["checks"] if check["check"] == "mail")
    return None if check["result"] == "ok" else f"{check['detail']}; {check['advice']}"


def test_the_page_of_templates_names_every_file_and_placeholder(site):
    one = page("regctl-templates.5")
    files = [name for head in one.items(macro="Pa") for name in head.replace("Pa ", "").split(" , ")]
    placeholders = one.items(macro="Cm")
    known_anywhere = set()
    for file in files:
        advice = template_verdict(site, file, "{{ xyzzy_xyzzy }}")
        known = set(re.search(r"the placeholders are (.*)$", advice)[1].split(", "))
        known_anywhere |= known
        kind = file.rpartition(".")[0]
        for name, words in placeholders.items():
            stated = re.search(r"(?s)(?:Required in both|Only known in)(.*?)(?=and not known|$)", words)
            only_in = re.findall(r"\.Pa (\S+)", stated[1]) if stated else []
            not_in = re.findall(r"Not known in\n\.Pa (\S+) ", words)
            assert (name in known) == (kind in only_in or not only_in and kind not in not_in), (file, name)
            if kind in only_in:
                assert "is missing" in template_verdict(site, file, "Hello!\n")
    assert known_anywhere == set(placeholders)
    # A file with another name is not a template.
    assert template_verdict(site, "confirmed.txt", "{{ xyzzy_xyzzy }}") is None
    assert {file.rpartition(".")[0] for file in files} == set(
        re.findall(r'case \w+(?: = "([a-z-]+)")?$', kinds_of_mail(), re.M)
    ) - {""} | {"confirm", "reset", "invite", "reminder"}


def kinds_of_mail() -> str:
    return (ROOT / "Sources/RegctlCore/Outbox/MailKind.swift").read_text()


def test_what_a_template_escapes_is_what_the_page_says(site):
    site.ok("register", "o'hara&co@example.org", "--no-password")
    environment = {"REGCTL_SERVICE_NAME": "<A> & \"B\"", "REGCTL_TEMPLATES_DIR": str(site.directory / "own")}
    (site.directory / "own").mkdir()
    for suffix in ("txt", "html"):
        (site.directory / "own" / f"confirm.{suffix}").write_text(
            "Subject: {{ service_name }}\n\n{{service_name}} {{ email }} {{ confirm_url }}\n"
        )
    mail = site.ok("show-mail", "1", "--raw", environment=environment)
    text, html = mail.replace("=\n", "").split("Content-Type: text/html")
    assert "Subject: <A> & \"B\"\n" in text
    assert "<A> & \"B\" o'hara&co@example.org https" in text
    assert "&lt;A&gt; &amp; &#34;B&#34; o&#39;hara&amp;co@example.org https" in html
