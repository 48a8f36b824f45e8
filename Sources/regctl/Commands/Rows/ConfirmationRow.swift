internal import RegctlCore

/// The result for a token, or for an account that an operator confirmed.
struct ConfirmationRow: OperandRow {
  static let columns = [Column("email"), Column("result"), Column("method"), Column("error")]

  let email: String?
  let result: String
  let method: Confirmation.Method?
  let sentence: String?
  var error: Diagnostic?

  init(_ confirmation: Confirmation) {
    email = confirmation.account.email
    result = confirmation.isNew ? "confirmed" : "already_confirmed"
    method = confirmation.method
    sentence = Self.sentence(on: confirmation)
  }

  /// Creates the row of a failure; the address for a token is unknown.
  init(failed email: String?, _ diagnostic: Diagnostic) {
    self.email = email
    (result, method, sentence, error) = ("failed", nil, nil, diagnostic)
  }

  static func failed(_ operand: String, _ diagnostic: Diagnostic) -> ConfirmationRow {
    ConfirmationRow(failed: operand.unlessSecret, diagnostic)
  }

  var cells: [ReportValue] {
    [ReportValue(email), .text(result), ReportValue(method?.rawValue), ReportValue(error)]
  }

  private static func sentence(on confirmation: Confirmation) -> String {
    let email = TerminalText.escape(confirmation.account.email)
    guard confirmation.isNew else {
      let since = confirmation.account.confirmedOn.map { " since \($0.displayText)" } ?? ""
      return "\(email) is already confirmed\(since)."
    }
    guard let previous = confirmation.previousEmail else { return "Confirmed \(email)." }
    return "Confirmed \(email), which was \(TerminalText.escape(previous))."
  }
}
