internal import RegctlCore

/// The result of prune for an account.
struct PruneRow: ResultRow {
  /// The result of a run (`pruned`, `kept`) or a dry run (`prune`, `keep`).
  enum Result: String { case prune, keep, pruned, kept }

  static let columns: [Column] = [
    .email, Column("registered_on"), Column("result", rank: 0, isState: true),
    Column("reason", rank: 0), Column("id", isUsual: false, rank: 2),
  ]

  let id: AccountID
  let email: String
  let registeredOn: AccountDate?
  let result: Result
  let reason: PruneCandidate.KeepReason?

  /// Creates the row of an account, which is pruned unless there is a reason to keep it.
  init(
    _ id: AccountID, _ email: String, registeredOn: AccountDate?,
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

extension RowSink {
  /// Begins the list of a dry run.
  @discardableResult
  func prunePreview(cutoff: Instant?) -> RowList<PruneRow> {
    list(
      "accounts", of: PruneRow.self,
      after: [ReportField("dry_run", .boolean(true)), ReportField("cutoff", ReportValue(cutoff))],
      as: .table(), isCounted: true)
  }

  /// Begins the list of a run; the text format prints the sentences, and rows by the layout.
  @discardableResult
  func pruneRun(
    cutoff: Instant?, run: Int64? = nil, pruned: Int = 0,
    kept: [(reason: PruneCandidate.KeepReason, count: Int)] = [], sentences: [String] = [],
    as layout: TextLayout<PruneRow> = .none
  ) -> RowList<PruneRow> {
    list(
      "accounts", of: PruneRow.self,
      after: [
        ReportField("run", run.map { .integer($0) } ?? .null),
        ReportField("dry_run", .boolean(false)), ReportField("cutoff", ReportValue(cutoff)),
        ReportField("pruned", ReportValue(pruned)), ReportField(kept: kept),
      ], sentences: sentences, as: layout)
  }
}

extension ReportField {
  /// Creates a field with the number of accounts kept for each reason.
  init(kept: [(reason: PruneCandidate.KeepReason, count: Int)]) {
    self.init(
      "kept", .object(kept.map { ReportField($0.reason.rawValue, ReportValue($0.count)) }))
  }
}
