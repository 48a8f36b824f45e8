internal import RegctlCore

/// The result of restoring an account from the archive.
struct UnpruneRow: OperandRow {
  static let columns = [Column("email"), Column("result"), Column("id"), Column("error")]

  let email: String?

  /// The number of the account, which may have changed; `nil` for a failure, and in a dry run for one
  /// that is not known yet.
  let id: AccountID?
  var error: Diagnostic?

  /// Whether nothing was changed: the account would be restored.
  private let isDryRun: Bool

  init(_ account: Account) {
    email = account.email
    id = account.id
    isDryRun = false
  }

  /// The row of a dry run.
  init(_ preview: PruneReversal.Preview) {
    email = preview.email
    id = preview.id
    isDryRun = true
  }

  private init(failed email: String, _ diagnostic: Diagnostic) {
    self.email = email.unlessSecret
    (id, error, isDryRun) = (nil, diagnostic, false)
  }

  static func failed(_ email: String, _ diagnostic: Diagnostic) -> UnpruneRow {
    UnpruneRow(failed: email, diagnostic)
  }

  var sentence: String? {
    guard error == nil, let email else { return nil }
    let account = TerminalText.escape(email)
    if isDryRun {
      return "\(account) would be back, "
        + (id.map { "number \($0.rawValue)." } ?? "with a new number.")
    }
    return id.map { "\(account) is back, number \($0.rawValue)." }
  }

  var cells: [ReportValue] {
    [
      ReportValue(email), .text(error == nil ? "restored" : "failed"),
      id.map { .integer($0.rawValue) } ?? .null, ReportValue(error),
    ]
  }
}
