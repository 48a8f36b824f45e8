"""The commands that meet faults of a disk, and the word by which each says that it is done."""

from Campaigns.kill_points.accounts import confirm, register
from Campaigns.kill_points.copies import EXPORTED, back_up, export
from Campaigns.kill_points.databases import import_accounts
from Campaigns.kill_points.erasure import erase
from Campaigns.kill_points.mail import deliver
from Campaigns.kill_points.pruning import pruning

# `deliver` writes its mails into a Maildir.
ACKNOWLEDGED = {
    register: "Registered", confirm: "Confirmed", deliver: "Sent", pruning: "Pruned", erase: "Erased",
    import_accounts: "Imported", back_up: "Copied", export: EXPORTED,
}  # fmt: skip
