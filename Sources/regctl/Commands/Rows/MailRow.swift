internal import RegctlCore

/// The result for a mail that was given as an operand.
struct MailRow: OperandRow {
  static let columns = [Column("mail"), Column("result"), Column("email"), Column("error")]
  static let noun = "mail"

  /// `nil` for a failure of an account that was given in place of a mail.
  let mail: MailID?
  let result: String
  let email: String?
  let sentence: String?
  var error: Diagnostic?

  init(_ entry: OutboxEntry, result: String, _ sentence: String) {
    mail = entry.id
    email = entry.email
    self.result = result
    self.sentence = sentence
  }

  private init(failed mail: MailReference, _ diagnostic: Diagnostic) {
    switch mail {
    case .id(let id): (self.mail, email) = (id, nil)
    case .account(let word): (self.mail, email) = (nil, word.unlessSecret)
    }
    (result, sentence, error) = ("failed", nil, diagnostic)
  }

  static func failed(_ mail: MailReference, _ diagnostic: Diagnostic) -> MailRow {
    MailRow(failed: mail, diagnostic)
  }

  var cells: [ReportValue] {
    [
      mail.map { .integer($0.rawValue) } ?? .null, .text(result), ReportValue(email),
      ReportValue(error),
    ]
  }
}
