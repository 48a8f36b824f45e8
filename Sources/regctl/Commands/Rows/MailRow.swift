internal import RegctlCore

/// The result for a mail that was given as an operand.
struct MailRow: OperandRow {
  static let columns = [Column("mail"), Column("result"), Column("email"), Column("error")]

  let mail: MailID
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

  private init(failed mail: MailID, _ diagnostic: Diagnostic) {
    self.mail = mail
    (result, email, sentence, error) = ("failed", nil, nil, diagnostic)
  }

  static func failed(_ mail: MailID, _ diagnostic: Diagnostic) -> MailRow {
    MailRow(failed: mail, diagnostic)
  }

  var cells: [ReportValue] {
    [.integer(mail.rawValue), .text(result), ReportValue(email), ReportValue(error)]
  }
}
