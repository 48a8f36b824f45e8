"""Mails of regctl as read by Python's `email` and `mailbox`, and their results."""

import html
import mailbox
import quopri
import re
import time
from datetime import UTC, datetime
from email.message import EmailMessage

import jinja2
import pytest

from Campaigns.database import rows as query
from Peers.flask_application import ACTIVATE
from Peers.mails import display_name, links, outbox, parse, part

HOUR = 3600
DAY = 86_400


def files(site) -> list[bytes]:
    """The files in the Maildir, oldest first."""
    paths = sorted(site.maildir.glob("new/*"), key=lambda path: path.stat().st_mtime_ns)
    return [path.read_bytes() for path in paths]


def deliver_to(site, address: str = "ann@example.org") -> tuple[bytes, EmailMessage]:
    """Registers and delivers, and returns the only mail in the Maildir."""
    site.ok("register", "--no-password", "--", address)
    site.ok("deliver")
    (content,) = files(site)
    return content, parse(content)


def states(site) -> list[str]:
    return [mail["state"] for mail in outbox(site)]


@pytest.fixture
def templated_site(made_site, tmp_path):
    """Makes a place with templates of its own."""

    def make(templates: dict[str, str | bytes], **settings: object):
        for name, content in templates.items():
            content = content.encode() if isinstance(content, str) else content
            (tmp_path / name).write_bytes(content)
        return made_site(templates_dir=tmp_path, **settings)

    return make


# The message.


def test_every_header_is_well_formed(site):
    before = int(time.time())
    _, mail = deliver_to(site)
    assert mail["From"].addresses[0].addr_spec == "accounts@app.example"
    assert mail["From"].addresses[0].display_name == "Example"
    assert [address.addr_spec for address in mail["To"].addresses] == ["ann@example.org"]
    assert mail["Subject"] == "Confirm your e-mail address for app.example"
    assert before <= mail["Date"].datetime.timestamp() <= time.time()
    assert mail["Date"].datetime.utcoffset().total_seconds() == 0
    identity, domain = mail["Message-ID"].removeprefix("<").removesuffix(">").split("@")
    assert identity and domain == "app.example"
    assert mail["MIME-Version"] == "1.0"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Return-Path"] == "<accounts@app.example>"
    names = [name.lower() for name in mail]
    assert len(names) == len(set(names))


def test_the_text_comes_before_the_html(site):
    _, mail = deliver_to(site)
    assert mail.get_content_type() == "multipart/alternative"
    parts = list(mail.iter_parts())
    assert [part.get_content_type() for part in parts] == ["text/plain", "text/html"]
    for each in parts:
        assert each.get_content_charset() == "utf-8"
        assert each["Content-Transfer-Encoding"] == "quoted-printable"
        assert "ann@example.org" in each.get_content()


def test_both_parts_hold_one_link_that_confirms(site):
    _, mail = deliver_to(site)
    (link,) = links(mail)
    assert site.json("confirm", link)["results"][0]["result"] == "confirmed"


@pytest.mark.parametrize(
    "local", ["o'hara+tag", "a.b_c~d", "#!$%&*/?=^`{|}", "x" * 64, "-", "=3D", "=_x"]
)
def test_an_odd_address_arrives_as_it_is(site, local):
    _, mail = deliver_to(site, f"{local}@example.org")
    assert [address.addr_spec for address in mail["To"].addresses] == [f"{local}@example.org"]
    (link,) = links(mail)
    assert site.json("confirm", link)["results"][0]["email"] == f"{local}@example.org"


def test_the_longest_address_arrives_as_it_is(site):
    address = f"{'x' * 64}@{'.'.join(['d' * 45] * 4)}.exam"
    address += "p" * (254 - len(address))
    _, mail = deliver_to(site, address)
    assert mail["To"].addresses[0].addr_spec == address
    (link,) = links(mail)
    assert site.json("confirm", link)["results"][0]["email"] == address


NAMES = [
    "Grüße & Söhne",
    "例え株式会社",
    "😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀😀",
    "Ein sehr langer Name für einen Dienst, der größer ist als eine Zeile und noch größer",
    "A name of plain letters that goes on and on until it is longer than one line of a mail",
    "Pneumonoultramicroscopicsilicovolcanoconiosis",
    'Ann "The Boss" O\'Hara \\ Co, Ltd. (GB); x@y.z',
    "=?UTF-8?Q?looks_encoded?=",
    "Two  blanks",
    "<b>bold</b> &amp; 'bald'",
    "e\u0301 decomposed, \u200b zero width, \u202e right to left",
]


@pytest.mark.parametrize("name", NAMES)
def test_the_name_of_a_service_survives(made_site, name):
    content, mail = deliver_to(made_site(service_name=name))
    assert mail["Subject"] == f"Confirm your e-mail address for {name}"
    # A long line is broken at a blank.
    assert f"at {name}. " in part(mail, "plain").replace("\n", " ")
    assert f"at {name}. Please confirm" in html.unescape(part(mail, "html"))
    assert content.isascii()


@pytest.mark.parametrize("name", [name for name in NAMES if not {*name} & {*'<"'}])
def test_the_name_of_a_sender_survives(made_site, name):
    content, mail = deliver_to(made_site(mail_default_sender=f"{name} <accounts@app.example>"))
    assert display_name(content) == name
    assert [address.addr_spec for address in mail["From"].addresses] == ["accounts@app.example"]
    assert content.isascii()


@pytest.mark.parametrize("name", NAMES)
def test_no_line_is_longer_than_76_bytes(made_site, name):
    sender = "".join(letter for letter in name if letter not in '<">')
    site = made_site(service_name=name, mail_default_sender=f"{sender} <accounts@app.example>")
    content, _ = deliver_to(site)
    assert [line for line in content.split(b"\n") if len(line) > 76] == []


def test_a_link_of_three_hundred_characters_survives(made_site):
    url = "https://app.example/" + "confirm/" * 34 + "{token}"
    assert len(url) > 298
    site = made_site(confirm_url=url)
    content, mail = deliver_to(site)
    assert [line for line in content.split(b"\n") if len(line) > 76] == []
    (link,) = links(mail)
    assert link.startswith(url.removesuffix("{token}"))
    assert site.json("confirm", link)["results"][0]["result"] == "confirmed"


def test_an_ampersand_in_a_link_is_escaped_in_html_only(made_site):
    site = made_site(confirm_url="https://app.example/c?a=1&copy=2&t={token}")
    _, mail = deliver_to(site)
    (link,) = links(mail)
    assert link in part(mail, "plain")
    assert link not in part(mail, "html")
    escaped = link.replace("&", "&amp;")
    assert site.json("inspect-token", escaped)["repaired"] == ["html_escape"]
    assert site.json("confirm", link)["results"][0]["result"] == "confirmed"


def test_the_raw_lines_of_a_mail_are_a_link_too(site):
    content, mail = deliver_to(site)
    (link,) = links(mail)
    at = content.index(b"\nhttps://") + 1
    damaged = content[at : content.index(b"\n\n", at)]
    assert quopri.decodestring(damaged).decode() == link
    answer = site.json("confirm", "-", input=damaged)
    assert answer["results"][0]["result"] == "confirmed"


# Templates.


def test_the_template_of_the_tutorial_works_unchanged(templated_site):
    site = templated_site(
        {"confirm.html": ACTIVATE}, confirm_url="https://app.example/c?a=1&t={token}&x='y'"
    )
    _, mail = deliver_to(site)
    (link,) = links(mail)
    expected = jinja2.Environment(autoescape=True).from_string(ACTIVATE).render(confirm_url=link)
    assert part(mail, "html").rstrip("\n") == expected
    site.ok("confirm", link)


def test_a_template_determines_the_text(templated_site):
    text = (
        "Subject: {{service_name}} grüßt {{ email }}\r\n\r\n{{\tconfirm_url }} {{ expires_in }}\r\n"
        ".\r\n..two dots\r\nFrom here on\r\n>From there\r\ntrailing blank \r\n\r\n\r\n"
        "{{ support_address }} { { } } {x} %} €\r\n"
    )
    site = templated_site({"confirm.txt": text}, service_name="Dienst", token_max_age="90m")
    content, mail = deliver_to(site)
    assert mail["Subject"] == "Dienst grüßt ann@example.org"
    first, *rest = part(mail, "plain").splitlines()
    assert first.endswith(" 90 minutes")
    assert rest == [
        ".", "..two dots", "From here on", ">From there", "trailing blank ", "", "",
        "accounts@app.example { { } } {x} %} €",
    ]
    assert content.isascii()


BAD_TEMPLATES = [
    b"Welcome!",
    b"",
    b"{{ confirm_url }} {{ user }}",
    b"{{ confirm_url }} {{ }}",
    b"{{ confirm_url|safe }}",
    b"{{ confirm_url }} {{ user.email }}",
    b"{% if confirm_url %}{{ confirm_url }}{% endif %}",
    b'{% extends "_base.html" %}{{ confirm_url }}',
    b"{{ confirm_url }} {# a comment #}",
    b"{{ confirm_url",
    b"{{ confirm_url }} {{ email",
    b"{{ confirm_url }} \xff",
    b"Subject: {{ confirm_url }}\n\nno link in the body",
]


@pytest.mark.parametrize("name", ["confirm.txt", "confirm.html"])
@pytest.mark.parametrize("template", BAD_TEMPLATES)
def test_a_wrong_template_stops_before_anything_is_sent(templated_site, name, template):
    site = templated_site({name: template})
    site.ok("register", "ann@example.org", "--no-password")
    before = outbox(site)
    exit_code, error = site.error("deliver")
    assert (exit_code, error["code"]) == (78, "template_error")
    assert name in error["message"]
    assert outbox(site) == before
    assert [mail["attempts"] for mail in before] == [0]
    assert files(site) == []


def test_a_directory_of_templates_that_is_missing_stops_the_delivery(made_site, tmp_path):
    site = made_site(templates_dir=tmp_path / "missing")
    site.ok("register", "ann@example.org", "--no-password")
    assert site.error("deliver")[0] == 66
    assert states(site) == ["queued"]


# Standard output.


def test_what_is_printed_is_an_mbox(templated_site, tmp_path):
    text = "{{ confirm_url }}\nFrom here on\nFrom nobody Mon Nov 23 09:00:00 2026\n\n"
    site = templated_site({"confirm.txt": text}, mail_transport="stdout")
    emails = [f"user{number}@example.org" for number in range(5)]
    for address in emails:
        site.ok("register", address, "--no-password")
    result = site.run("deliver")
    assert result.returncode == 0
    path = tmp_path / "mbox"
    path.write_bytes(result.stdout)
    box = mailbox.mbox(path)
    assert len(box) == 5
    mails = [parse(box.get_bytes(key)) for key in box.iterkeys()]
    assert [mail["To"] for mail in mails] == emails
    for key, mail in zip(box.iterkeys(), mails, strict=True):
        sender, _, moment = box.get_message(key).get_from().partition(" ")
        assert sender == "accounts@app.example"
        written = datetime.strptime(moment, "%a %b %d %H:%M:%S %Y").replace(tzinfo=UTC)
        assert abs(time.time() - written.timestamp()) < DAY
        assert "From here on\nFrom nobody Mon Nov 23 09:00:00 2026\n" in part(mail, "plain")
        plain = part(mail, "plain").splitlines()[0]
        assert site.json("confirm", plain)["results"][0]["email"] == mail["To"]


def test_a_format_for_programs_is_refused_where_the_mails_go(made_site):
    site = made_site(mail_transport="stdout")
    site.ok("register", "ann@example.org", "--no-password")
    exit_code, error = site.error("deliver")
    assert (exit_code, error["code"]) == (64, "invalid_value")
    assert states(site) == ["queued"]


# The outbox.


def test_the_outbox_has_the_keys_of_the_contract(site):
    site.ok("register", "ann@example.org", "--no-password")
    answer = site.json("list-outbox")
    assert list(answer) == ["schema", "mails", "count"]
    assert list(answer["mails"][0]) == [
        "id", "email", "purpose", "state", "attempts", "next_attempt_at", "last_reply",
        "possible_duplicate", "message_id", "queued_at", "sent_at",
    ]
    waiting = answer["mails"][0]
    assert (waiting["state"], waiting["attempts"], waiting["sent_at"]) == ("queued", 0, None)
    site.ok("deliver")
    sent = outbox(site)[0]
    assert (sent["state"], sent["attempts"], sent["next_attempt_at"]) == ("sent", 1, None)
    assert sent["sent_at"] is not None
    assert sent["possible_duplicate"] is False
    assert sent["message_id"] == waiting["message_id"]


def test_a_delivery_answers_with_the_keys_of_the_contract(site):
    site.ok("register", "ann@example.org", "--no-password")
    answer = site.json("deliver")
    for key, value in {"schema": 1, "sent": 1, "deferred": 0, "failed": 0, "cancelled": 0}.items():
        assert answer[key] == value
    assert [row["email"] for row in answer["results"]] == ["ann@example.org"]


def test_a_mail_is_sent_once(site):
    for number in range(3):
        site.ok("register", f"user{number}@example.org", "--no-password")
    site.ok("deliver", "--limit", "2")
    assert states(site) == ["sent", "sent", "queued"]
    assert site.ok("deliver") == "Sent 1, failed 0.\n"
    assert site.ok("deliver") == ""
    assert len({parse(content)["Message-ID"] for content in files(site)}) == 3
    assert len(files(site)) == 3


def test_a_mail_that_is_not_due_stays_queued(site):
    site.ok("register", "ann@example.org", "--no-password")
    query(site.db, "UPDATE regctl_outbox SET next_attempt_at = next_attempt_at + 60")
    assert site.json("deliver")["results"] == []
    assert states(site) == ["queued"]
    assert files(site) == []


def test_the_token_is_as_old_as_the_delivery(site):
    site.ok("register", "ann@example.org", "--no-password")
    for table, column in [
        ("regctl_outbox", "queued_at"), ("regctl_outbox", "next_attempt_at"),
        ("regctl_accounts", "registered_at"),
    ]:
        query(site.db, f"UPDATE {table} SET {column} = {column} - {2 * HOUR}")
    before = int(time.time())
    site.ok("deliver")
    (link,) = links(parse(files(site)[0]))
    answer = site.json("inspect-token", link)
    assert answer["verdict"] == "valid"
    assert datetime.fromisoformat(answer["issued_at"]).timestamp() >= before


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE users SET confirmed = 1, confirmed_on = registered_on",
        "UPDATE users SET email = 'bob@example.org'",
        "DELETE FROM users",
    ],
)
def test_a_mail_that_is_no_longer_wanted_is_cancelled(site, statement):
    site.ok("register", "ann@example.org", "--no-password")
    query(site.db, statement)
    answer = site.json("deliver")
    assert answer["sent"] == 0
    assert states(site) == ["cancelled"]
    assert files(site) == []


def test_a_mail_of_an_account_that_regctl_confirmed_is_cancelled(site):
    site.ok("register", "ann@example.org", "--no-password")
    site.ok("confirm", "--email", "ann@example.org", "--reason", "test")
    assert site.json("deliver")["cancelled"] == 1
    assert states(site) == ["cancelled"]
    assert files(site) == []


@pytest.mark.parametrize(
    ("settings", "age", "state"),
    [
        ({}, 2 * DAY + 60, "expired"),
        ({}, 2 * DAY - 60, "sent"),
        ({"mail_lifetime": "1h"}, HOUR + 60, "expired"),
        ({"mail_lifetime": "1h"}, HOUR - 60, "sent"),
    ],
)
def test_a_mail_expires_after_its_lifetime(made_site, settings, age, state):
    site = made_site(**settings)
    site.ok("register", "ann@example.org", "--no-password")
    query(site.db, "UPDATE regctl_outbox SET queued_at = queued_at - ?", age)
    site.ok("deliver")
    assert states(site) == [state]
    assert len(files(site)) == (state == "sent")


def test_the_outbox_names_the_message_id_that_the_mail_bears(site):
    _, mail = deliver_to(site)
    assert mail["Message-ID"] == f"<{outbox(site)[0]['message_id']}>"


def test_a_mail_that_a_dead_process_was_sending_is_sent_again(site):
    site.ok("register", "ann@example.org", "--no-password")
    identity = outbox(site)[0]["message_id"]
    query(site.db, "UPDATE regctl_outbox SET state = 'sending', attempts = 1")
    site.ok("deliver")
    (mail,) = outbox(site)
    assert (mail["state"], mail["possible_duplicate"], mail["attempts"]) == ("sent", True, 2)
    assert mail["message_id"] == identity
    (content,) = files(site)
    assert identity in parse(content)["Message-ID"]


def forget_the_answer(site) -> None:
    """Makes the outbox what it is when a process dies before it records that a mail was sent."""
    query(
        site.db,
        "UPDATE regctl_outbox SET state = 'sending', last_reply = NULL, finished_at = NULL,"
        " next_attempt_at = queued_at",
    )


@pytest.mark.parametrize("sender", ["accounts@app.example", "accounts@new.example"])
def test_a_second_copy_bears_the_same_message_id(made_site, sender):
    site = made_site(mail_transport="stdout")
    site.ok("register", "ann@example.org", "--no-password")
    first = site.ok("deliver").encode()
    forget_the_answer(site)
    site.settings["mail_default_sender"] = sender
    site.write_config()
    second = site.ok("deliver").encode()
    identities = [parse(copy.split(b"\n", 1)[1])["Message-ID"] for copy in (first, second)]
    assert identities[0] == identities[1]


def test_a_second_copy_replaces_the_first_in_a_maildir(site):
    deliver_to(site)
    forget_the_answer(site)
    site.ok("deliver")
    assert outbox(site)[0]["attempts"] == 2
    assert len(files(site)) == 1


@pytest.mark.parametrize("directory", ["", "new", "tmp"])
def test_a_maildir_that_cannot_be_written_counts_no_attempt(site, directory):
    site.ok("register", "ann@example.org", "--no-password")
    before = outbox(site)
    obstacle = site.maildir / directory
    obstacle.parent.mkdir(exist_ok=True)
    obstacle.write_text("a file where a directory should be")
    exit_code, error = site.error("deliver")
    assert (exit_code, error["code"]) in {(69, "mail_unavailable"), (74, "io_error")}
    assert outbox(site) == before
    obstacle.unlink()
    site.ok("deliver")
    assert states(site) == ["sent"]


def test_mail_stays_queued_until_a_transport_is_configured(site):
    del site.settings["mail_transport"]
    site.write_config()
    site.ok("register", "ann@example.org", "--no-password")
    exit_code, error = site.error("deliver")
    assert (exit_code, error["code"]) == (78, "mail_not_configured")
    assert error["hint"]
    assert states(site) == ["queued"]


def test_a_mail_queued_before_there_was_a_sender_bears_the_senders_domain(new_site):
    site = new_site()
    settings = site.settings
    site.settings = {key: settings[key] for key in ("db", "bcrypt_cost")}
    site.write_config()
    site.ok("create-db")
    site.ok("register", "ann@example.org", "--no-password")
    site.settings = settings
    site.write_config()
    site.ok("deliver")
    message_id = site.json("list-outbox")["mails"][0]["message_id"]
    assert re.fullmatch(r"\d+\.[0-9a-f]{24}@app\.example", message_id)
    (mail,) = (site.maildir / "new").iterdir()
    assert f"Message-ID: <{message_id}>".encode() in mail.read_bytes()
