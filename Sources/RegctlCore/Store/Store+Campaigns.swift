internal import SQL

extension Store {
  /// Whether an account has received a mail of a campaign.
  func hasJoined(_ id: AccountID, _ campaign: String) throws(RegctlError) -> Bool {
    try first(
      "SELECT 1 FROM regctl_campaigns WHERE name = $1 AND account_id = $2", .text(campaign),
      .integer(id.rawValue)
    ) { _ in true } ?? false
  }

  /// Records that an account has received its mail of a campaign.
  func join(_ id: AccountID, _ campaign: String, at now: Instant) throws(RegctlError) {
    try changeOne(
      of: "regctl_campaigns",
      "INSERT INTO regctl_campaigns (name, account_id, at) VALUES ($1, $2, $3)", .text(campaign),
      .integer(id.rawValue), .integer(now.seconds))
  }
}
