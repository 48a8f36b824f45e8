"""Time that passes for a database: everything in it becomes older."""

from regctl import Site


def later(site: Site, seconds: int) -> None:
    """Makes everything older."""
    site.execute(
        f"UPDATE regctl_outbox SET queued_at = queued_at - {seconds},"
        f" next_attempt_at = next_attempt_at - {seconds}, finished_at = finished_at - {seconds}",
        f"UPDATE regctl_attempts SET at = at - {seconds}",
        f"UPDATE regctl_accounts SET registered_at = registered_at - {seconds}",
        f"UPDATE regctl_moments SET at = at - {seconds}",
        f"UPDATE users SET registered_on = datetime(registered_on, '-{seconds} seconds')",
        f"UPDATE regctl_audit SET at = at - {seconds}",
    )
