"""What the examples of the manual need, and the shell in which they run."""

import subprocess
from pathlib import Path

import pexpect

# Makes the site in which the examples of a page work; each display has a copy of its own.
MADE = "regctl create-db -q && regctl create-admin admin@example.org --password-file secret"
ANN = f"{MADE} && regctl register ann@example.org --no-password"
SENT = f"{ANN} && regctl deliver && regctl issue-token ann@example.org --url > link && cp link links"
EARLIER = (
    "sqlite3 regctl.db \"UPDATE regctl_outbox SET queued_at = queued_at - {0},"
    " finished_at = finished_at - {0}; UPDATE regctl_audit SET at = at - {0};"
    " UPDATE users SET registered_on = datetime(registered_on, '-{0} seconds')\""
)
TABLE = (
    "sqlite3 dev.sqlite 'CREATE TABLE users (id INTEGER PRIMARY KEY, email VARCHAR NOT NULL UNIQUE,"
    " password, registered_on DATETIME, admin BOOLEAN, confirmed BOOLEAN, confirmed_on DATETIME)'"
)
MONTH = EARLIER.format(31 * 86400)
WAVE = (
    "sqlite3 regctl.db \"INSERT INTO users (email, password, registered_on, admin, confirmed)"
    " SELECT 'u' || value || '@spam.example', '!', datetime('now', '-1 day', value || ' seconds'), 0, 0"
    " FROM generate_series(1, 24)\""
)
# A report about the mail to Ann, from what regctl stored of it.
REPORTED = (
    f"{ANN} && regctl deliver && printf '%s\\n' 'Content-Type: multipart/report; boundary=b' '' --b"
    " 'Content-Type: message/delivery-status' '' \"Original-Envelope-Id: $(sqlite3 regctl.db 'SELECT id'"
    "'||char(46)||substr(message_id,1,35) FROM regctl_outbox')\" '' 'Final-Recipient: rfc822;"
    " ann@example.org' 'Action: failed' 'Status: 5.1.1' 'Diagnostic-Code: smtp; 550 5.1.1 no such user'"
    " '' --b-- > report.eml"
)
BY_HAND = "regctl confirm --reason called --email"
DRAFTS = f"mkdir drafts && cp {{0}}/confirm.* drafts && {ANN}"
NEEDS = {
    "regctl.1": ":",
    "regctl-audit.1": f"{ANN} && regctl register bob@example.org --no-password && {BY_HAND} bob@example.org"
    " && regctl delete bob@example.org --reason left --yes",
    "regctl-bounce.1": f"{REPORTED} && mkdir -p bounces/new bounces/cur",
    "regctl-cancel-mail.1": ANN,
    "regctl-change-email.1": f"{MADE} && regctl register ann@exmaple.org --no-password",
    "regctl-check.1": f"{MADE} && regctl register ann@example.org --password-file secret"
    f" && {BY_HAND} ann@example.org && regctl register bob@example.org --no-password",
    "regctl-clear-bounce.1": f"{MADE} && regctl register bob@example.org --no-password &&"
    " sqlite3 regctl.db \"INSERT INTO regctl_bounces (account_id, email, at, result, suppresses)"
    " SELECT account_id, email, queued_at, 'bounced', 1 FROM regctl_outbox\"",
    "regctl-completion.1": "mkdir -p .zfunc .config/fish/completions",
    "regctl-config.1": ":",
    "regctl-confirm.1": f"{SENT} && echo ann@example.org > people.txt",
    "regctl-create-admin.1": f"{MADE} && regctl register bob@example.org --no-password",
    "regctl-create-db.1": ":",
    "regctl-delete.1": f"{ANN} && regctl register bob@example.org --no-password",
    "regctl-deliver.1": f"{ANN} && regctl register bob@example.org --no-password"
    f" && {BY_HAND} bob@example.org",
    "regctl-flask.7": TABLE,
    "regctl-grant-admin.1": ANN,
    "regctl-help.1": ":",
    "regctl-export.1": f"{ANN} && cp regctl.db old.db",
    "regctl-import.1": f"{ANN} && regctl export > accounts.jsonl && printf"
    " 'email,confirmed_on\\neva@example.org,2026-11-23T09:00:00Z\\nuwe@example.org,\\n' > accounts.csv",
    "regctl-inspect-token.1": SENT,
    "regctl-issue-token.1": ANN,
    "regctl-json.5": ANN,
    "regctl-list-accounts.1": f"{ANN} && regctl create-admin ada@example.org --password-file secret",
    "regctl-list-bounces.1": f"{REPORTED} && regctl bounce report.eml",
    "regctl-list-admins.1": f"{MADE} && regctl list-admins --format tsv > yesterday",
    "regctl-list-outbox.1": ANN,
    "regctl-list-prunes.1": f"{ANN} && regctl deliver && {MONTH} && regctl prune --yes",
    "regctl-list-unconfirmed.1": f"{MADE} && regctl register dora@example.org --no-password && {MONTH}"
    " && sqlite3 regctl.db \"UPDATE regctl_outbox SET state = 'expired'\""
    " && regctl register ann@example.org --no-password",
    "regctl-lock.1": f"{ANN} && regctl register bob@example.org --no-password"
    " && regctl register carol@spam.example --no-password",
    "regctl-migrate-db.1": TABLE,
    "regctl-move-db.1": ":",
    "regctl-postgresql.7": ":",
    "regctl-security.7": MADE,
    "regctl-prune.1": f"{ANN} && regctl deliver && regctl register bob@example.org --no-password && {MONTH}"
    f" && {WAVE}",
    "regctl-purge.1": MADE,
    "regctl-register.1": f"{MADE} && printf '%s@example.org\\n' carol dora > addresses",
    "regctl-release-held.1": f"{ANN} && sqlite3 regctl.db"
    " \"UPDATE regctl_outbox SET state = 'held', next_attempt_at = NULL\"",
    "regctl-report.1": f"{SENT} && regctl confirm --stdin < link && regctl register bob@example.org"
    f" --no-password && regctl register carol@example.org --no-password --no-mail && {BY_HAND}"
    " bob@example.org && regctl cancel-mail 2",
    "regctl-reset-password.1": f"{ANN} && regctl issue-token ann@example.org --purpose reset > link"
    " && install -m 600 secret new",
    "regctl-resend.1": f"{ANN} && regctl deliver && {EARLIER.format(3600)}",
    "regctl-restore.1": f"{ANN} && regctl backup before-upgrade.db",
    "regctl-retry-mail.1": f"{ANN} && regctl register bob@example.org --no-password && sqlite3 regctl.db"
    " \"UPDATE regctl_outbox SET state = CASE id WHEN 1 THEN 'failed' ELSE 'expired' END\"",
    "regctl-revoke-admin.1": f"{MADE} && regctl create-admin ann@example.org --password-file secret",
    "regctl-rotate-key.1": MADE,
    "regctl-send-test.1": ":",
    "regctl-set-password.1": f"{ANN} && {BY_HAND} ann@example.org",
    "regctl-show.1": f"{ANN} && regctl deliver && {EARLIER.format(3600)}"
    " && sqlite3 regctl.db \"UPDATE regctl_outbox SET last_reply = '250 2.0.0 Ok: queued as 4V3kQn'\"",
    "regctl-show-mail.1": DRAFTS,
    "regctl-show-template.1": DRAFTS,
    "regctl-templates.5": DRAFTS,
    "regctl-status.1": f"{ANN} && regctl deliver",
    "regctl-tour.1": ":",
    "regctl-unconfirm.1": f"{ANN} && {BY_HAND} ann@example.org",
    "regctl-erase.1": "regctl create-db && regctl register bob@example.org --no-password",
    "regctl-undelete.1": f"{ANN} && regctl register bob@example.org --no-password"
    " && regctl delete bob@example.org --reason left --yes",
    "regctl-unlock.1": f"{ANN} && regctl register bob@example.org --no-password"
    " && regctl lock bob@example.org --reason spam",
    "regctl-unprune.1": f"{ANN} && regctl deliver && {MONTH} && regctl prune --yes",
}
# Pages whose displays are one story.
CONTINUED = {"regctl.1", "regctl-change-email.1"}

# Examples that end otherwise than with 0.
ENDINGS = {
    ("regctl-list-prunes.1", "regctl show ann@example.org"): 67,
}
# Examples that ask for a password.
PROMPTS = ["create-admin ann@example.org", "register ann@example.org", "set-password ann@example.org"]
NOT_RUN = {
    "$ regctl migrate-db --grant regctl --dry-run": "needs a database on a server",
    "$ regctl migrate-db --dry-run --db postgresql://owner@db.example/app": "needs that server",
    "$ regctl migrate-db --grant regctl --db postgresql://owner@db.example/app": "needs that server",
    "$ regctl move-db postgresql://owner@db.example/app": "needs that server",
    "$ regctl move-db dev.db --db postgresql://regctl@db.example/app": "needs that server",
    "$ sudo -u regctl regctl doctor": "needs the rights of root and a user of that name",
    "$ regctl deliver --quiet --wait-for 58s": "takes as long as it says",
    "# systemctl enable --now regctl-prune.timer": "needs systemd",
    "# systemctl kill --signal=USR1 regctl-deliver.service": "needs systemd",
    "# systemctl edit regctl-deliver.service": "needs systemd and an editor",
    "# install -g regctl -m 640 regctl.conf /etc/regctl/regctl.conf": "changes the system",
    "# install -o regctl -m 600 mail.password /etc/regctl/mail.password": "changes the system",
}
# What the first displays of regctl-templates(5) are.
TEMPLATES = ["confirm.txt", "confirm.html"]
PASSWORD = "correct horse battery"
MARK = "@@ended with"


class Shell:
    """A directory in which regctl is a command, and its configuration that of the examples."""

    def __init__(self, directory: Path, binaries: Path) -> None:
        self.directory = directory
        self.environment = {
            "PATH": f"{binaries}:/usr/bin:/bin", "HOME": str(directory), "TMPDIR": str(directory),
            "LC_ALL": "C.UTF-8", "REGCTL_CONFIG": "regctl.conf", "SUDO_USER": "root",
        }

    def run(self, script: str) -> str:
        """What a script prints on both streams, without a terminal."""
        return subprocess.run(
            ["bash", "-c", script], cwd=self.directory, env=self.environment, text=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            start_new_session=True, timeout=60,
        ).stdout

    def prepare(self, script: str) -> None:
        printed = self.run(f"({script}) > /dev/null && echo prepared")
        assert printed.endswith("prepared\n"), printed

    def type_password(self, line: str) -> tuple[str, int]:
        """Runs a command on a terminal, and answers its two questions."""
        child = pexpect.spawn(
            "bash", ["-c", line], cwd=self.directory, env=self.environment, encoding="utf-8"
        )
        for question in ("New password: ", "Retype new password: "):
            child.expect_exact(question, timeout=30)
            child.sendline(PASSWORD)
        shown = child.read()
        child.close()
        return shown, child.exitstatus
