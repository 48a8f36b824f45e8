internal import RegctlCore

/// The result of restoring an account from the archive.
struct UnpruneRow: OperandRow {
  static let columns = [Column("email"), Column("result"), Column("id"), Column("error")]

  let email: String?

  /// The number of the account, which may have changed; `nil` for a failure.
  let id: AccountID?
  var error: Diagnostic?

  init(_ account: Account) {
    email = account.email
    id = account.id
  }

  private init(failed email: String, _ diagnostic: Diagnostic) {
    self.email = email
    (id, error) = (nil, diagnostic)
  }

  static func failed(_ email: String, _ diagnostic: Diagnostic) -> UnpruneRow {
    UnpruneRow(failed: email, diagnostic)
  }

  var sentence: String? {
    guard let email, let id else { return nil }
    return "\(TerminalText.escape(email)) is back, number \(id.rawValue)."
  }

  var cells: [ReportValue] {
    [
      ReportValue(email), .text(error == nil ? "restored" : "failed"),
      id.map { .integer($0.rawValue) } ?? .null, ReportValue(error),
    ]
  }
}
