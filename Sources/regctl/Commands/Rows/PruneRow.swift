internal import RegctlCore

/// What became, or would become, of an account that was looked at by prune.
struct PruneRow: ResultRow {
  /// What was done, or would be in a dry run.
  enum Result: String { case prune, keep, pruned, kept }

  static let columns = [
    Column("email"), Column("registered_on"), Column("result"), Column("reason"),
    Column("id", isUsual: false),
  ]

  let id: AccountID
  let email: String
  let registeredOn: Instant?
  let result: Result
  let reason: PruneCandidate.KeepReason?

  /// An account that goes, unless there is a reason to keep it.
  init(
    _ id: AccountID, _ email: String, registeredOn: Instant?,
    keepReason: PruneCandidate.KeepReason?, isDryRun: Bool
  ) {
    self.id = id
    self.email = email
    self.registeredOn = registeredOn
    reason = keepReason
    result =
      switch (keepReason == nil, isDryRun) {
      case (true, true): .prune
      case (false, true): .keep
      case (true, false): .pruned
      case (false, false): .kept
      }
  }

  var cells: [ReportValue] {
    [
      .text(email), ReportValue(registeredOn), .text(result.rawValue),
      ReportValue(reason?.rawValue), .integer(id.rawValue),
    ]
  }
}
