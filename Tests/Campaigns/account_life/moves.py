"""What may happen to an account. Each answers with the address that it may have confirmed."""

import email
import email.policy
import json
import re
from collections.abc import Callable

from Campaigns.account_life.life import ADDRESSES, NUMBER, PAGES, TAKEN, Life
from tokens import fingerprint

PASSWORDS = ["correct horse", "battery staple"]
REASON = ["--reason", "test"]

Move = Callable[[Life], str]


def result_of(life: Life, *words: object) -> str:
    """The result of a command for the account, or `refused`."""
    answer = life.site.run(*words, "--json")
    if answer.returncode:
        return "refused"
    said = json.loads(answer.stdout)
    return said["results"][0]["result"] if "results" in said else said["result"]


# What its owner does, or its owner's guests.


def change(life: Life) -> str:
    new = life.random.choice([*ADDRESSES, TAKEN])
    was_shut = life.is_shut
    result = result_of(life, "change-email", life.address, new)
    life.expect(not was_shut or result == "refused", f"{result} in spite of a lock or a deletion")
    match result:
        case "changed":
            life.renew()
        case "requested":
            life.asked[new] = life.trust
    return ""


def deliver(life: Life) -> str:
    """Sends what is queued, and keeps the links with the addresses to which they went."""
    life.site.ok("deliver")
    for path in (life.site.maildir / "new").glob("*"):
        mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        text = mail.get_body(("plain",)).get_content()
        if link := re.search(r"https://app\.example/(\w+)/(\S+)", text):
            life.keep(link[1], link[2], mail["To"])
        path.unlink()
    return ""


def resend(life: Life) -> str:
    life.site.run("resend", life.address, "--force")
    return deliver(life)


def ask_for_reset(life: Life) -> str:
    answer = life.site.run("reset-password", life.address, "--force")
    life.expect((answer.returncode == 0) == (not life.is_shut), f"a reset was asked for: {answer}")
    return deliver(life)


def reset(life: Life) -> str:
    """Uses a token, which must be a reset token that was not used, of this password and address."""
    good = [token for token in life.tokens[-12:] if token.purpose == "reset"]
    if not life.tokens:
        return ""
    token = life.random.choice(good if good and life.random.random() < 0.7 else life.tokens)
    before = life.account
    words = ["reset-password", "--token", life.text(token), "--password-file", "-"]
    result = life.site.run(*words, input=life.random.choice(PASSWORDS))
    life.expect((result.returncode == 0) == (life.account != before), f"half a reset: {result}")
    if result.returncode == 0:
        life.use(token)
        life.expect(token.purpose == "reset", f"a {token.purpose} token has replaced a password")
        life.expect(token not in life.used, "a reset token was used twice")
        life.expect(
            token.address == before.address,
            f"{token.address} has reset the password of {before.address}",
        )
        life.expect(
            token.payload[1] == fingerprint(before.password), "a token of another password was used"
        )
        life.used.add(token)
        life.renew()
    return ""


def confirm(life: Life) -> str:
    """Follows a link, most often one of the newest."""
    if not life.tokens:
        return ""
    token = life.random.choice(life.tokens[-5:] if life.random.random() < 0.7 else life.tokens)
    before = life.account
    result = life.site.run("confirm", life.text(token), "--json")
    after = life.account
    if result.returncode != 0:
        life.expect(after == before, f"refused, but done: {result}")
        return ""
    life.expect(token.purpose != "reset", "a reset token has confirmed")
    life.expect(after.confirmed, f"said to be confirmed: {result}")
    [said] = json.loads(result.stdout)["results"]
    life.expect(said["email"] == after.address, f"not the account's address: {said}")
    if said["result"] == "confirmed":
        life.expect(after != before, f"nothing was confirmed: {said}")
        life.use(token)
        if token.purpose == "change-email":
            asked = life.asked.get(token.address)
            life.expect(asked == life.trust, f"a change of before to {token.address} was carried out")
            life.renew()
        return token.address
    life.expect(after == before, f"confirmed already, and yet changed: {said}")
    return ""


# What operators do.


def unconfirm(life: Life) -> str:
    if result_of(life, "unconfirm", life.address, *REASON) == "unconfirmed":
        life.renew()
    return ""


def set_password(life: Life) -> str:
    """Of a locked account, the password takes effect when it is unlocked."""
    words = ["set-password", life.address, "--password-file", "-"]
    answer = life.site.run(*words, input=life.random.choice(PASSWORDS))
    life.expect((answer.returncode == 0) == (life.account is not None), f"set-password: {answer}")
    if life.account:
        life.before_lock = None
        life.renew()
    return ""


def issue(life: Life) -> str:
    """Has a token printed, as if it were mailed: one of a change only while that waits."""
    purpose = life.random.choice(list(PAGES.values()))
    result = life.site.run("issue-token", life.address, "--purpose", purpose, "--json")
    if result.returncode == 0:
        [said] = json.loads(result.stdout)["tokens"]
        page = next(page for page, meant in PAGES.items() if meant == purpose)
        life.keep(page, said["token"], said["email"])
    return ""


def lock(life: Life) -> str:
    before = life.account
    result = result_of(life, "lock", life.address, *REASON)
    expected = "refused" if before is None else "already_locked" if life.is_locked else "locked"
    life.expect(result == expected, f"lock: {result}, not {expected}")
    if result == "locked":
        life.done["lock"] += 1
        life.is_locked, life.before_lock = True, before.password
        good = life.account.password == before.password and has_password(life, before.password)
        life.expect(not good, "the password of a locked account is good")
        life.renew()
    return ""


def has_password(life: Life, stored: str) -> bool:
    """Whether there is a password to what is stored."""
    query = "SELECT count(*) FROM regctl_no_password WHERE hash = ?"
    return life.connection.execute(query, (stored,)).fetchone()[0] == 0


def unlock(life: Life) -> str:
    """The password is back; the links of before are not."""
    before = life.account
    result = result_of(life, "unlock", life.address)
    expected = "refused" if before is None else "unlocked" if life.is_locked else "not_locked"
    life.expect(result == expected, f"unlock: {result}, not {expected}")
    if result == "unlocked":
        life.done["unlock"] += 1
        life.is_locked = False
        password = life.account.password
        if life.before_lock is None:
            life.expect(password != before.password, "the new password is not there")
        else:
            life.expect(password == life.before_lock, "another password than before the lock")
        life.renew()
    return ""


def delete(life: Life) -> str:
    before = life.account
    result = result_of(life, "delete", life.address if before else NUMBER, *REASON, "--yes")
    life.expect((result == "deleted") == (before is not None), f"delete: {result}")
    if result == "deleted":
        life.done["delete"] += 1
        life.before_deletion = before, life.is_locked
        life.expect(life.account is None, "deleted, but there")
        life.renew()
    return ""


def undelete(life: Life) -> str:
    """The account is as it was; the links of before are not."""
    was_there = life.account is not None
    result = result_of(life, "undelete", NUMBER)
    life.expect((result == "refused") == was_there, f"undelete: {result}")
    if not was_there:
        life.done["undelete"] += 1
        now = life.account, lock_count(life) == 1
        life.expect(now == life.before_deletion, f"{life.before_deletion} came back as {now}")
        life.renew()
    return ""


def lock_count(life: Life) -> int:
    query = f"SELECT count(*) FROM regctl_locks WHERE account_id = {NUMBER}"
    return life.connection.execute(query).fetchone()[0]


def register_again(life: Life) -> str:
    """Others register the address of the deleted account: its links and its history are not theirs."""
    if life.account is not None:
        return ""
    address = life.address
    life.site.ok("register", address, "--no-password")
    life.done["register"] += 1
    life.expect_void_links()
    query = "SELECT confirmed FROM users WHERE email = ?"
    found = life.connection.execute(query, (address,)).fetchall()
    life.expect([bool(confirmed) for (confirmed,) in found] == [False], f"not unconfirmed: {found}")
    life.expect(result_of(life, "undelete", NUMBER) == "refused", "two accounts with one address")
    life.site.ok("delete", address, *REASON, "--yes")
    return ""


MOVES: dict[Move, int] = {
    change: 8, unconfirm: 2, deliver: 10, resend: 4, confirm: 20, ask_for_reset: 4, reset: 8,
    set_password: 2, issue: 16, lock: 2, unlock: 1, delete: 1, undelete: 1,
}  # fmt: skip
# What is tried on an account that is shut, and its end.
MOVES_WHILE_LOCKED = MOVES | {unlock: 30}
MOVES_WHILE_DELETED = {
    change: 1, unconfirm: 1, deliver: 1, resend: 1, confirm: 6, ask_for_reset: 1, reset: 4, set_password: 1,
    issue: 1, lock: 1, unlock: 1, delete: 1, register_again: 3, undelete: 10,
}  # fmt: skip
# By these a confirmed account stays so, and a change that it asks for waits.
MOVES_WHILE_CONFIRMED = {change: 3, issue: 6, confirm: 4, set_password: 1}


def moves_of(life: Life) -> dict[Move, int]:
    """What may happen next."""
    if life.account is None:
        return MOVES_WHILE_DELETED
    return MOVES_WHILE_LOCKED if life.is_locked else MOVES


def step(life: Life, moves: dict[Move, int]) -> None:
    """Performs a step, and checks the resulting account."""
    [move] = life.random.choices(list(moves), moves.values())
    before = life.account
    proven = move(life)
    after = life.account
    if move not in (delete, undelete):
        life.expect((before is None) == (after is None), f"{move.__name__}: {before} is {after}")
    if before and after:
        has_moved = after.address != before.address
        if after.confirmed and (has_moved or not before.confirmed):
            life.expect(
                proven == after.address,
                f"{move.__name__}: {after.address} was confirmed for {proven!r}",
            )
        if has_moved:
            life.expect(move in (change, confirm), f"{move.__name__} has changed the address")
    life.wait(life.random.choice([1, 1, 1, 2, 30]))
