internal import RegctlCore

/// The result of locking or unlocking an account or a domain.
struct LockRow: OperandRow {
  static let columns = [
    Column("email"), Column("domain"), Column("result"), Column("accounts"), Column("error"),
  ]

  let email: String?
  let domain: String?
  let result: String
  let accounts: Int
  let sentence: String?
  var error: Diagnostic?

  init(_ done: LockAccounts.LockResult, result: String, _ sentence: String) {
    email = done.email
    domain = done.domain
    accounts = done.accounts
    self.result = result
    self.sentence = sentence
  }

  private init(failed operand: String, _ diagnostic: Diagnostic) {
    let isDomain = operand.utf8.first == UInt8(ascii: "@")
    email = isDomain ? nil : operand.unlessSecret
    domain = isDomain ? String(operand.dropFirst()).unlessSecret : nil
    (result, accounts, sentence, error) = ("failed", 0, nil, diagnostic)
  }

  static func failed(_ operand: String, _ diagnostic: Diagnostic) -> LockRow {
    LockRow(failed: operand, diagnostic)
  }

  /// The account or domain of a result, for a sentence.
  static func subject(of done: LockAccounts.LockResult) -> String {
    TerminalText.escape(done.email ?? done.domain.map { "@\($0)" } ?? "")
  }

  var cells: [ReportValue] {
    [
      ReportValue(email), ReportValue(domain), .text(result), ReportValue(accounts),
      ReportValue(error),
    ]
  }
}
