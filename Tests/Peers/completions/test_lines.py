"""Lines as a user types them."""

from Peers.completions.place import ANN, BOB, CAROL, ROOT
from Peers.completions.shells import Fish, TerminalShell, as_said

LINES = [
    # Commands and options.
    ("regctl list-u", "regctl list-unconfirmed "),
    ("regctl help exi", "regctl help exit-codes "),
    ("regctl help unc", "regctl help unconfirm "),
    ("regctl help show x", "regctl help show x"),
    ("regctl --quiet list-u", "regctl --quiet list-unconfirmed "),
    ("regctl --db regctl.db list-u", "regctl --db regctl.db list-unconfirmed "),
    ("regctl --format json list-u", "regctl --format json list-unconfirmed "),
    ("regctl -qd regctl.db list-u", "regctl -qd regctl.db list-unconfirmed "),
    ("regctl prune --include", "regctl prune --include-never-mailed "),
    ("regctl prune -n --include", "regctl prune -n --include-never-mailed "),
    ("regctl prune --no-in", "regctl prune --no-input "),
    ("regctl --include", "regctl --include"),
    ("regctl delete -- --reas", "regctl delete -- --reas"),
    ("regctl list-outbox --state fa", "regctl list-outbox --state failed "),
    ("regctl list-outbox --state=fa", "regctl list-outbox --state=failed "),
    ("regctl --format=ts", "regctl --format=tsv "),
    ("regctl prune --color al", "regctl prune --color always "),
    # Comma lists.
    ("regctl list-outbox --fields message", "regctl list-outbox --fields message_id"),
    ("regctl list-outbox --fields=message", "regctl list-outbox --fields=message_id"),
    ("regctl list-outbox --fields id,message", "regctl list-outbox --fields id,message_id"),
    ("regctl list-outbox --fields=id,message", "regctl list-outbox --fields=id,message_id"),
    # Addresses, whatever the shell takes for the end of a word.
    ("regctl show bo", "regctl show bob@example.org "),
    ("regctl show --quiet bo", "regctl show --quiet bob@example.org "),
    ("regctl show bob@", "regctl show bob@example.org "),
    ("regctl show bob@ex", "regctl show bob@example.org "),
    ("regctl show bob@example.org", "regctl show bob@example.org "),
    ("regctl audit --email bob@ex", "regctl audit --email bob@example.org "),
    ("regctl audit --email=bo", "regctl audit --email=bob@example.org "),
    ("regctl audit --email=bob@ex", "regctl audit --email=bob@example.org "),
    ("regctl show CAR", "regctl show Carol@example.org "),
    ("regctl resend bo", "regctl resend bo"),
    ("regctl resend an", "regctl resend ann@example.org "),
    ("regctl resend carol@example.org an", "regctl resend carol@example.org ann@example.org "),
    ("regctl show bob@example.org an", "regctl show bob@example.org an"),
    ("regctl delete -- bo", "regctl delete -- bob@example.org "),
    ("regctl delete --reason 'a b' bo", "regctl delete --reason 'a b' bob@example.org "),
    ("regctl delete --reason 'née' bo", "regctl delete --reason 'née' bob@example.org "),
    ("regctl confirm an", "regctl confirm an"),
    ("regctl confirm --email an", "regctl confirm --email ann@example.org "),
    (f"regctl confirm --email {CAROL} an", f"regctl confirm --email {CAROL} ann@example.org "),
    ("regctl unprune --email bob@example.org 1", "regctl unprune --email bob@example.org 1 "),
    ("regctl unprune 1 --email go", "regctl unprune 1 --email gone@example.org "),
    # Files.
    ("regctl backup lett", "regctl backup letter.txt "),
    ("regctl check --password-file=lett", "regctl check --password-file=letter.txt "),
    ("regctl check --password-file lett", "regctl check --password-file letter.txt "),
    ("regctl show bob@example.org > lett", "regctl show bob@example.org > letter.txt "),
    ("regctl --db ~/lett", "regctl --db ~/letter.txt "),
    # The database that the line names.
    ("regctl --db other.db show ot", "regctl --db other.db show other@example.org "),
    ("regctl --db=other.db show ot", "regctl --db=other.db show other@example.org "),
    ("regctl -d other.db show ot", "regctl -d other.db show other@example.org "),
    ("regctl -dother.db show ot", "regctl -dother.db show other@example.org "),
    ("regctl -qd other.db show ot", "regctl -qd other.db show other@example.org "),
    ("regctl -d ~/other.db show ot", "regctl -d ~/other.db show other@example.org "),
    ("regctl show -d other.db ot", "regctl show -d other.db other@example.org "),
    ("regctl --config other.conf show ot", "regctl --config other.conf show other@example.org "),
    ("regctl --config=other.conf show ot", "regctl --config=other.conf show other@example.org "),
    ("regctl -d other.db show bo", "regctl -d other.db show bo"),
    ("regctl -d missing.db show bo", "regctl -d missing.db show bo"),
    ('regctl -d "$HOME/regctl.db" show bo', 'regctl -d "$HOME/regctl.db" show bo'),
    # The program that the line names.
    ("bin/regctl show bo", "bin/regctl show bob@example.org "),
    ("~/bin/regctl show bo", "~/bin/regctl show bob@example.org "),
    ("mine/regctl show x", "mine/regctl show xavier@example.org "),
    ("nowhere/regctl show bo", "nowhere/regctl show bo"),
    ("REGCTL_QUIET=1 regctl show bo", "REGCTL_QUIET=1 regctl show bob@example.org "),
    ("true; regctl show bo", "true; regctl show bob@example.org "),
]

# What only a line on a terminal shows; fish offers again what was given.
ON_TERMINALS = [
    ("regctl prune --dry-run --dr", "regctl prune --dry-run --dr"),
    ("regctl prune -n --dr", "regctl prune -n --dr"),
    ('regctl show "bob@ex', 'regctl show "bob@example.org" '),
    ("regctl show 'bob@ex", "regctl show 'bob@example.org' "),
    ("regctl resend bo@x.org; regctl show bo", "regctl resend bo@x.org; regctl show bob@example.org "),
]


def test_a_line_becomes_what_was_meant(shell, place):
    before = place.tree()
    wrong = {}
    for typed, expected in LINES + (ON_TERMINALS if isinstance(shell, TerminalShell) else []):
        becomes = shell.becomes(typed)
        # fish says what it offers and not whether a blank follows.
        if isinstance(shell, Fish):
            becomes, expected = becomes.rstrip(), expected.rstrip()
        if becomes != expected:
            wrong[typed] = becomes
    assert wrong == {}
    assert place.tree() == before


def test_what_is_said_of_a_candidate_comes_from_the_database(shell):
    accounts = {
        ANN: "unconfirmed", BOB: "confirmed", CAROL: "unconfirmed", ROOT: "confirmed administrator",
    }
    assert shell.tab("regctl show ")[1] == as_said(shell, accounts)
    assert shell.tab("regctl show-mail 3")[1] == as_said(shell, {"3": f"{ANN} queued"})
