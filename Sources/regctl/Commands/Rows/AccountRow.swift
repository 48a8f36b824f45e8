internal import RegctlCore

/// The result for an account.
struct AccountRow: OperandRow {
  static let columns = [Column("email"), Column("result"), Column("error")]

  let email: String?
  let result: String
  let sentence: String?
  var error: Diagnostic?

  init(_ account: Account, result: String, _ sentence: String) {
    email = account.email
    self.result = result
    self.sentence = sentence
  }

  private init(failed operand: String, _ diagnostic: Diagnostic) {
    (email, result, sentence, error) = (operand.unlessSecret, "failed", nil, diagnostic)
  }

  static func failed(_ operand: String, _ diagnostic: Diagnostic) -> AccountRow {
    AccountRow(failed: operand, diagnostic)
  }

  var cells: [ReportValue] { [ReportValue(email), .text(result), ReportValue(error)] }
}
