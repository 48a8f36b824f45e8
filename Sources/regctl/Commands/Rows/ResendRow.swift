internal import RegctlCore

/// The result of a resend for an account.
struct ResendRow: OperandRow {
  static let columns = [Column("email"), Column("result"), Column("mail"), Column("error")]

  let email: String?
  let result: String
  let mail: MailID?
  let sentence: String?
  var error: Diagnostic?

  init(
    _ effect: RegctlCore.Resend.Effect, of kind: MailKind,
    _ delivered: ImmediateDelivery.Result? = nil
  ) {
    switch effect {
    case .queued(let account, let mail):
      email = account.email
      result = delivered?.isSent == true ? "sent" : "queued"
      self.mail = mail
      error = delivered?.failure
      let name = kind == .reminder ? "reminder" : "confirmation mail"
      sentence = "A \(name) to \(TerminalText.escape(account.email)) is \(result)."
    case .alreadyConfirmed(let account):
      email = account.email
      result = "already_confirmed"
      mail = nil
      sentence =
        "\(TerminalText.escape(account.email)) is already confirmed; no mail was queued."
    }
  }

  private init(failed operand: String, _ diagnostic: Diagnostic) {
    email = operand.unlessSecret
    (result, mail, sentence, error) = ("failed", nil, nil, diagnostic)
  }

  static func failed(_ operand: String, _ diagnostic: Diagnostic) -> ResendRow {
    ResendRow(failed: operand, diagnostic)
  }

  var cells: [ReportValue] {
    [
      ReportValue(email), .text(result), mail.map { .integer($0.rawValue) } ?? .null,
      ReportValue(error),
    ]
  }
}
