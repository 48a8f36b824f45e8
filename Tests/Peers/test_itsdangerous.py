"""Tokens of regctl and of itsdangerous: the same bytes, the same results, both ways."""

import base64
import json
import time
from random import Random

import pytest
from itsdangerous import BadData, SignatureExpired, TimestampSigner, URLSafeTimedSerializer

from Campaigns.extent import amount
from Peers.addresses import addresses, on_the_edge, saving, without_repetition
from Peers.frozen_vectors import serializer
from Peers.users_table import add_users
from engines import on_both_engines
from regctl import KEY
from tokens import SALTS, fingerprint, token

pytestmark = on_both_engines

KEYS = ["the oldest key of the site", "a key from the time between", "the newest key of the site"]
MAX_AGE = 3600
FRESH = range(100, 3400)


@pytest.fixture
def now() -> int:
    return int(time.time())


@pytest.fixture
def keyed_site(site):
    """A place whose key file holds three keys."""
    site.key_file.write_text("\n".join(KEYS) + "\n")
    return site


def inspect(site, tokens: list[bytes]) -> list[dict]:
    """What regctl makes of each token."""
    result = site.run("inspect-token", "--stdin", "--format", "jsonl", input=b"\n".join(tokens))
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert len(answers) == len(tokens), result.stderr
    return answers


def signed(payload: bytes, timestamp: bytes, key: str = KEYS[-1]) -> bytes:
    """A token of parts that are not encoded yet, with a right signature."""
    parts = [base64.urlsafe_b64encode(part).rstrip(b"=") for part in (payload, timestamp)]
    return resigned(b".".join(parts), key)


def resigned(content: bytes, key: str = KEYS[-1]) -> bytes:
    """A text as it stands and its right signature."""
    derivation = {"key_derivation": "django-concat", "salt": SALTS["confirm"]}
    return content + b"." + TimestampSigner(key, **derivation).get_signature(content)


def verdict_of_python(token: bytes, now: int) -> tuple[str, str | None, str | None]:
    """The verdict of itsdangerous in regctl's words, with purpose and address."""
    for purpose, salt in SALTS.items():
        try:
            payload, issued = serializer(KEYS, now).loads(token, salt=salt, return_timestamp=True)
        except (BadData, ValueError, OSError):
            # A time that a date cannot hold is an OSError or a ValueError.
            continue
        if purpose == "change-email" and isinstance(payload, str):
            # It does not say which request it answers.
            return "token_invalid", purpose, payload
        if purpose != "confirm":
            return "token_purpose", purpose, payload
        try:
            serializer(KEYS, now).loads(token, salt=salt, max_age=MAX_AGE)
        except SignatureExpired:
            future = issued.timestamp() > now
            return "token_in_future" if future else "token_expired", purpose, payload
        return "valid", purpose, payload
    return "token_invalid", None, None


def differences(
    site, tokens: list[bytes], now: int, accounts: set[str], originals: list[bytes] | None = None
) -> list[tuple]:
    """The tokens of which regctl and Python think differently.

    What mail did to a link is undone, but only when the link is no token as it stands; then the
    verdict is that of the original token.
    """
    found = []
    answers = inspect(site, tokens)
    for token, original, answer in zip(tokens, originals or tokens, answers, strict=True):
        expected = verdict_of_python(token, now)
        is_invalid = expected == ("token_invalid", None, None)
        is_link = b"/" in token and answer["email"] is not None
        if is_invalid and (answer["repaired"] or is_link):
            expected = verdict_of_python(original, now)
        is_genuine = expected[0] in {"valid", "token_expired", "token_in_future"}
        if is_genuine and expected[2] not in accounts:
            expected = ("not_found", *expected[1:])
        is_needless = bool(answer["repaired"]) and not is_invalid
        if is_needless or expected != (answer["verdict"], answer["purpose"], answer["email"]):
            found.append((token, expected, answer))
    return found


def test_tokens_of_itsdangerous_are_read(keyed_site, now):
    random = Random(1)
    emails = addresses(2, amount("tokens of itsdangerous", 10_000, 5))
    accounts = set(emails[::3])
    add_users(keyed_site.db, accounts)
    tokens = []
    issued = []
    for email in emails:
        position = random.randint(1, 3)
        moment = now - random.choice(FRESH)
        signer = serializer(KEYS[:position], moment)
        tokens.append(signer.dumps(email, salt=SALTS["confirm"]).encode())
        issued.append((position, moment))
    answers = inspect(keyed_site, tokens)
    assert differences(keyed_site, tokens, now, accounts) == []
    for answer, (position, moment) in zip(answers, issued, strict=True):
        stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment))
        end = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(moment + MAX_AGE))
        assert (answer["key"], answer["issued_at"], answer["expires_at"]) == (position, stamp, end)
        assert answer["repaired"] == []


def test_a_token_of_an_application_that_passes_no_salt_is_read(new_site, now):
    site = new_site(security_password_salt="itsdangerous")
    site.ok("create-db")
    add_users(site.db, ["ann@example.org"])
    serializer_without_salt = URLSafeTimedSerializer(KEY)
    token = serializer_without_salt.dumps("ann@example.org")
    assert [answer["verdict"] for answer in inspect(site, [token.encode()])] == ["valid"]
    issued = site.ok("issue-token", "ann@example.org").strip()
    assert serializer_without_salt.loads(issued, max_age=60) == "ann@example.org"


def flipped_bit(random: Random, token: bytes) -> bytes:
    at = random.randrange(len(token))
    return token[:at] + bytes([token[at] ^ 1 << random.randrange(8)]) + token[at + 1 :]


def deleted(random: Random, token: bytes) -> bytes:
    at = random.randrange(len(token))
    return token[:at] + token[at + random.randint(1, 3) :]


def inserted(random: Random, token: bytes) -> bytes:
    at = random.randrange(len(token) + 1)
    return token[:at] + random.choice(b"Aa0-_=.+/").to_bytes() + token[at:]


def swapped(random: Random, token: bytes) -> bytes:
    at = random.randrange(len(token) - 1)
    return token[:at] + token[at + 1 : at + 2] + token[at : at + 1] + token[at + 2 :]


def truncated(random: Random, token: bytes) -> bytes:
    return token[: random.randrange(len(token))]


def padded(random: Random, token: bytes) -> bytes:
    return token + b"=" * random.randint(1, 5)


def padded_inside(random: Random, token: bytes) -> bytes:
    parts = token.split(b".")
    at = random.randrange(len(parts))
    parts[at] += b"=" * random.randint(1, 4)
    return b".".join(parts)


def other_last_character(random: Random, token: bytes) -> bytes:
    return token[:-1] + random.choice(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghij0123-_").to_bytes()


def foreign_character(random: Random, token: bytes) -> bytes:
    at = random.choice([random.randrange(len(token) + 1), token.rindex(b".") + 1, len(token)])
    character = random.choice("!*%~,;$&é中😀\u00a0\u200b\u2028\x00\x7f")
    return token[:at] + character.encode() + token[at:]


def four_foreign_characters(random: Random, token: bytes) -> bytes:
    at = random.randrange(token.rindex(b".") + 1, len(token))
    return token[:at] + random.choice([b"!!!!", b"****", "éé".encode(), "😀".encode()]) + token[at:]


def moved_dot(random: Random, token: bytes) -> bytes:
    dot = random.choice([index for index, byte in enumerate(token) if byte == ord(".")])
    rest = token[:dot] + token[dot + 1 :]
    at = random.randrange(len(rest) + 1)
    return rest[:at] + b"." + rest[at:]


def other_alphabet(random: Random, token: bytes) -> bytes:
    return token.replace(b"-", b"+").replace(b"_", b"/")


def other_timestamp(random: Random, token: bytes) -> bytes:
    payload, _, signature = token.rsplit(b".", 2)
    stamp = base64.urlsafe_b64encode(random.randbytes(4)).rstrip(b"=")
    return b".".join([payload, stamp, signature])


def other_case(random: Random, token: bytes) -> bytes:
    return random.choice([token.upper(), token.lower(), token.swapcase()])


def doubled(random: Random, token: bytes) -> bytes:
    return token + random.choice([b"", b"."]) + token


def quoted_printable(random: Random, token: bytes) -> bytes:
    return random.choice([b"=3D" + token, token + b"=3D", b"<" + token + b">", token + b"."])


def blank_around(random: Random, token: bytes) -> bytes:
    return random.choice([b" " + token, token + b" ", b"\t" + token, token + b"\t "])


MUTATIONS = [
    flipped_bit, deleted, inserted, swapped, truncated, padded, padded_inside,
    other_last_character, foreign_character, four_foreign_characters, moved_dot, other_alphabet,
    other_timestamp, other_case, doubled, quoted_printable, blank_around,
]


def mutant(random: Random, token: bytes) -> bytes:
    """A genuine token after something happened to it."""
    while True:
        made = random.choice(MUTATIONS)(random, token)
        # A line end cannot be in a list of tokens, one a line.
        if b"\n" not in made and not made.endswith(b"\r"):
            return made


def test_damaged_tokens_get_the_verdict_of_python(keyed_site, now):
    random = Random(4)
    emails = addresses(3, 300)
    accounts = set(emails[:200])
    add_users(keyed_site.db, accounts)
    originals = [
        serializer(KEYS, now - random.choice(FRESH)).dumps(email, salt=SALTS["confirm"]).encode()
        for email in random.choices(emails, k=amount("damaged tokens", 10_000, 5))
    ]
    tokens = [mutant(random, token) for token in originals]
    verdicts = {verdict_of_python(token, now)[0] for token in tokens}
    assert verdicts == {"valid", "token_invalid"}
    assert differences(keyed_site, tokens, now, accounts, originals) == []


def test_tokens_signed_otherwise_get_the_verdict_of_python(keyed_site, now):
    random = Random(5)
    emails = addresses(6, 300)
    accounts = set(emails[:200])
    add_users(keyed_site.db, accounts)
    tokens = []
    for _ in range(3000):
        key = random.choice([*KEYS, KEYS[0] + "x", "no key of ours", SALTS["confirm"]])
        salt = random.choice([*SALTS.values(), "", "itsdangerous", KEYS[0]])
        # One of before 2011 may be counted from 2011: see token_epoch.
        age = random.choice([-10**9, -86_400, -600, 200, 3000, 3700, 86_400, now - 1_300_000_000])
        email = random.choice(emails)
        tokens.append(serializer(key, now - age).dumps(email, salt=salt).encode())
    assert differences(keyed_site, tokens, now, accounts) == []


def test_an_hour_is_the_age_at_which_a_token_expires(site, now):
    add_users(site.db, ["ann@example.org"])
    key = site.key_file.read_text().strip()
    expected = {3590: "valid", 3610: "token_expired", -10: "token_in_future"}
    tokens = [
        serializer(key, now - age).dumps("ann@example.org", salt="email-confirm").encode()
        for age in expected
    ]
    assert [answer["verdict"] for answer in inspect(site, tokens)] == list(expected.values())


def test_a_damaged_payload_is_refused_in_spite_of_its_signature(keyed_site, now):
    add_users(keyed_site.db, ["ann@example.org"])
    stamp = now.to_bytes(4)
    # The compressed empty text, a stream cut short, and one of another format.
    compressed = [b".eJwDAAAAAAE", b".eJxTSszLS61wSK1IzC3ISdXLL0pXAg", b".AAAA"]
    plain = [b"", b'"', b'"ann', b"ann@example.org", b'"\xff"']
    tokens = [
        *[signed(payload, stamp) for payload in plain],
        *[resigned(payload + b".AQ") for payload in compressed],
        resigned(b""), resigned(b"AQ"), resigned(b"."), resigned(b".."), resigned(b"A.AQ"),
        signed(b'"ann@example.org"', b"\x01" + bytes(8)), signed(b'"a"', b"\x01" + bytes(7)),
    ]
    assert [token for token in tokens if verdict_of_python(token, now)[0] != "token_invalid"] == []
    assert {answer["verdict"] for answer in inspect(keyed_site, tokens)} == {"token_invalid"}


@pytest.mark.parametrize("payload", [b"42", b"null", b"[]", b'["ann@example.org"]', b'{"a": 1}'])
def test_a_signed_payload_that_is_not_an_address_is_rejected(keyed_site, now, payload):
    assert inspect(keyed_site, [signed(payload, now.to_bytes(4))])[0]["verdict"] == "token_invalid"


@pytest.mark.parametrize(
    "json", [b' "ann@example.org"\n', b'"\\u0061nn@example.org"', b'"ann\\u0040example.org"']
)
def test_json_in_another_spelling_is_read_as_python_reads_it(keyed_site, now, json):
    add_users(keyed_site.db, ["ann@example.org"])
    token = signed(json, now.to_bytes(4))
    assert verdict_of_python(token, now) == ("valid", "confirm", "ann@example.org")
    assert inspect(keyed_site, [token])[0]["verdict"] == "valid"


@pytest.mark.parametrize("size", [4, 5, 8, 9, 12])
def test_a_timestamp_with_leading_zeros_gets_the_verdict_of_python(keyed_site, now, size):
    add_users(keyed_site.db, ["ann@example.org"])
    token = signed(b'"ann@example.org"', now.to_bytes(size))
    assert differences(keyed_site, [token], now, {"ann@example.org"}) == []


def test_a_token_older_than_an_account_that_regctl_registered_is_refused(site, now):
    site.ok("register", "ann@example.org", "--no-password")
    key = site.key_file.read_text().strip()
    before, after = [
        serializer(key, moment).dumps("ann@example.org", salt="email-confirm").encode()
        for moment in (now - 60, int(time.time()))
    ]
    verdicts = [answer["verdict"] for answer in inspect(site, [before, after])]
    assert verdicts == ["token_predates_account", "valid"]


def issue(site, emails: list[str], *options: str) -> list[str]:
    """The tokens that regctl issues, in the order of the addresses."""
    output = site.ok("issue-token", "--stdin", *options, input="\n".join(emails))
    tokens = output.splitlines()
    assert len(tokens) == len(emails)
    return tokens


def wrong_bytes(tokens: list[str], payloads: list, keys: list[str], salt: str) -> list[tuple]:
    """The tokens that itsdangerous does not read, or writes otherwise in the same second."""
    found = []
    for token, payload in zip(tokens, payloads, strict=True):
        stamp = token.split(".")[-2]
        moment = int.from_bytes(base64.urlsafe_b64decode(stamp + "=" * (-len(stamp) % 4)))
        signer = serializer(keys, moment)
        if signer.loads(token, max_age=0, salt=salt) != payload:
            found.append(("read", payload, token))
        if (expected := signer.dumps(payload, salt=salt)) != token:
            found.append(("written", payload, expected, token))
    return found


def test_tokens_of_regctl_are_those_of_itsdangerous(keyed_site):
    emails = addresses(7, amount("tokens of regctl", 10_000, 5))
    assert sum(saving(email) > 1 for email in emails) > len(emails) / 5
    add_users(keyed_site.db, emails)
    assert wrong_bytes(issue(keyed_site, emails), emails, KEYS, SALTS["confirm"]) == []


def test_no_token_is_left_uncompressed_that_zlib_would_shorten(keyed_site):
    count = amount("tokens on the edge of compression", 10_000, 5)
    emails = addresses(8, count, [without_repetition, on_the_edge])
    assert sum(saving(email) == 2 for email in emails) > len(emails) / 20
    add_users(keyed_site.db, emails)
    assert wrong_bytes(issue(keyed_site, emails), emails, KEYS, SALTS["confirm"]) == []


def request_changes(site, emails: list[str]) -> None:
    """A change of address that waits, for each account."""
    moves = [(email, f"moved{number}@example.org") for number, email in enumerate(emails)]
    for email, moved in moves:
        site.ok("change-email", "--", email, moved)


@pytest.mark.parametrize("purpose", SALTS)
def test_each_purpose_has_its_salt_and_says_what_it_is_bound_to(keyed_site, purpose):
    keyed_site.settings["change_email_url"] = "https://app.example/change/{token}"
    keyed_site.write_config()
    emails = addresses(9, 200)
    hashes = ["!", "$2b$04$" + "a" * 53, "pbkdf2:sha256:150000$salt$ü😀"]
    for number, stored in enumerate(hashes):
        add_users(keyed_site.db, emails[number::3], confirmed=True, password=stored)
    if purpose == "change-email":
        request_changes(keyed_site, emails)
    payloads = {
        "confirm": emails,
        "reset": [[email, fingerprint(hashes[at % 3])] for at, email in enumerate(emails)],
        "change-email": [[f"moved{at}@example.org", str(at + 1)] for at in range(len(emails))],
    }[purpose]
    tokens = issue(keyed_site, emails, "--purpose", purpose)
    assert wrong_bytes(tokens, payloads, KEYS, SALTS[purpose]) == []
    other = serializer(KEYS, int(time.time()))
    for salt in set(SALTS.values()) - {SALTS[purpose]}:
        for token in tokens[:10]:
            with pytest.raises(BadData):
                other.loads(token, salt=salt)


def test_after_a_rotation_old_tokens_stay_valid_and_new_ones_use_the_new_key(site):
    old = site.key_file.read_text().strip()
    new = "the key that came after it"
    add_users(site.db, ["ann@example.org"])
    token_before = issue(site, ["ann@example.org"])[0]
    site.key_file.write_text(f"{old}\n{new}\n")
    token_after = issue(site, ["ann@example.org"])[0]
    answers = inspect(site, [token_before.encode(), token_after.encode()])
    assert [answer["verdict"] for answer in answers] == ["valid", "valid"]
    assert [answer["key"] for answer in answers] == [1, 2]
    application = serializer([old, new], int(time.time()))
    for token in (token_before, token_after):
        assert application.loads(token, salt="email-confirm", max_age=60) == "ann@example.org"
    with pytest.raises(BadData):
        serializer(old, 0).loads(token_after, salt="email-confirm")


def test_rotate_key_keeps_old_links_valid_and_drops_a_key_when_they_have_expired(new_site, now):
    site = new_site(token_max_age="3s")
    site.ok("create-db")
    add_users(site.db, ["ann@example.org", "bob@example.org"])
    old = site.key_file.read_text().strip()
    token_before = issue(site, ["ann@example.org"])[0]
    added = site.json("rotate-key")
    assert (added["result"], added["keys"]) == ("added", 2)
    keys = site.key_file.read_text().split()
    assert keys[0] == old
    token_after = issue(site, ["bob@example.org"])[0]
    assert serializer(keys[1], int(time.time())).loads(token_after, salt="email-confirm") == "bob@example.org"
    with pytest.raises(BadData):
        serializer(old, int(time.time())).loads(token_after, salt="email-confirm")
    assert site.json("rotate-key", "--drop-expired")["result"] == "unchanged"
    for token in (token_before, token_after):
        assert site.json("confirm", token)["results"][0]["result"] == "confirmed"
    time.sleep(5)
    assert site.json("rotate-key", "--drop-expired")["dropped"] == 1
    assert site.key_file.read_text().split() == keys[1:]
    code, error = site.error("confirm", serializer(old, int(time.time())).dumps("ann@example.org", salt="email-confirm"))
    assert (code, error["code"]) == (65, "token_invalid")


def test_a_token_of_itsdangerous_confirms(site, now):
    add_users(site.db, ["ann@example.org"])
    key = site.key_file.read_text().strip()
    token = serializer(key, now).dumps("ann@example.org", salt="email-confirm")
    answer = site.json("confirm", token)
    assert [row["result"] for row in answer["results"]] == ["confirmed"]
    site.ok("check", "ann@example.org")


def test_an_expired_token_of_a_confirmed_account_says_already_confirmed(site, now):
    add_users(site.db, ["ann@example.org"], confirmed=True)
    key = site.key_file.read_text().strip()
    token = serializer(key, now - 10**7).dumps("ann@example.org", salt="email-confirm")
    assert site.json("confirm", token)["results"][0]["result"] == "already_confirmed"
    forged = serializer("no key of ours at all", now).dumps("ann@example.org", salt="email-confirm")
    exit_code, error = site.error("confirm", forged)
    assert (exit_code, error["code"]) == (65, "token_invalid")
    assert "ann@" not in json.dumps(error)


def outcome(site, *words: str, **options) -> str:
    """`ok`, or the code of the error."""
    result = site.run(*words, "--json", **options)
    return "ok" if result.returncode == 0 else json.loads(result.stderr)["error"]["code"]


def test_a_reset_token_of_itsdangerous_replaces_the_password_it_is_bound_to(site, now):
    stored = "$2b$04$" + "a" * 53
    add_users(site.db, ["ann@example.org"], password=stored)
    key = site.key_file.read_text().strip()

    def reset(payload: object, salt: str = SALTS["reset"], moment: int = now) -> str:
        token = serializer(key, moment).dumps(payload, salt=salt)
        words = ["reset-password", "--token", token, "--password-file", "-"]
        return outcome(site, *words, input="correct horse")

    good = ["ann@example.org", fingerprint(stored)]
    for payload, code in [
        (["ann@example.org", fingerprint("!")], "token_revoked"),
        (["ann@example.org", good[1].upper()], "token_revoked"),
        (["ann@example.org", good[1] + "0"], "token_revoked"),
        (["ANN@example.org", good[1]], "token_revoked"),
        (["bob@example.org", good[1]], "not_found"),
        ("ann@example.org", "token_invalid"),
        (["ann@example.org", None], "token_invalid"),
        (["ann@example.org", int("1" * 16)], "token_invalid"),
        ([*good, "more"], "token_invalid"),
        ([good[0]], "token_invalid"),
        ([good], "token_invalid"),
        ({"email": good[0], "bond": good[1]}, "token_invalid"),
        ([], "token_invalid"),
    ]:
        assert reset(payload) == code, payload
    for salt in ("email-confirm", "change-email"):
        assert reset(good, salt) == "token_purpose"
    assert reset(good, "some other salt") == "token_invalid"
    assert reset(good, moment=now - MAX_AGE - 10) == "token_expired"
    assert reset(good, moment=now + 100) == "token_in_future"
    assert reset(good) == "ok"
    assert reset(good) == "token_revoked"
    site.ok("confirm", "--email", "ann@example.org", "--reason", "test")
    site.ok("check", "ann@example.org", "--password-file", "-", input="correct horse")


def test_a_change_token_of_itsdangerous_confirms_the_request_it_is_bound_to(site, now):
    site.settings["change_email_url"] = "https://app.example/change/{token}"
    site.write_config()
    add_users(site.db, ["ann@example.org"], confirmed=True)
    site.ok("change-email", "ann@example.org", "old@post.example")
    site.ok("change-email", "ann@example.org", "new@post.example")
    key = site.key_file.read_text().strip()

    def confirm(payload: object, salt: str = SALTS["change-email"], moment: int = now) -> str:
        return outcome(site, "confirm", serializer(key, moment).dumps(payload, salt=salt))

    good = ["new@post.example", "2"]
    for payload, code in [
        (["old@post.example", "1"], "token_revoked"),
        (["old@post.example", "2"], "not_found"),
        (["new@post.example", "1"], "not_found"),
        (["new@post.example", "3"], "not_found"),
        (["NEW@post.example", "2"], "not_found"),
        (["eve@post.example", "2"], "not_found"),
        ("new@post.example", "token_invalid"),
        (["new@post.example", 2], "token_invalid"),
        (["new@post.example", ""], "token_invalid"),
        (["new@post.example", "2; DROP TABLE users"], "token_invalid"),
        ([*good, "more"], "token_invalid"),
    ]:
        assert confirm(payload) == code, payload
    assert confirm(good, SALTS["reset"]) == "token_purpose"
    assert confirm(good, SALTS["confirm"]) == "token_invalid"
    assert confirm(good, moment=now - MAX_AGE - 10) == "token_expired"
    site.ok("check", "ann@example.org")
    assert confirm(good) == "ok"
    assert confirm(good) == "ok"
    site.ok("check", "new@post.example")
    assert outcome(site, "check", "ann@example.org") == "not_found"


LETTERS = ["jürgen@example.org", "用户@bücher.example", "नम@x.org", "\U0001f600@x.org"]


@pytest.mark.parametrize("email", LETTERS, ids=ascii)
def test_a_token_for_an_address_with_other_letters_is_that_of_itsdangerous(site, email):
    site.settings["allow_smtputf8"] = "yes"
    site.write_config()
    site.ok("register", email, "--no-password")
    issued = site.ok("issue-token", email).strip()
    stamp = issued.split(".")[-2]
    moment = int.from_bytes(base64.urlsafe_b64decode(stamp + "=" * (-len(stamp) % 4)))
    assert token(email, moment) == issued
    assert serializer([KEY], moment).loads(issued, salt=SALTS["confirm"]) == email
    assert site.json("confirm", issued)["results"][0]["email"] == email
