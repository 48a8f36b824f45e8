internal import RegctlCore

/// The result of reading one mail that may be a report about another.
struct BounceRow: ResultRow {
  static let columns = [
    Column("file"), Column("result"), Column("mail"), Column("email"), Column("status"),
    Column("reply"), Column("suppressed"), Column("error"),
  ]

  /// Whether the mail is a report about a mail of regctl's or its recipient.
  let isOurs: Bool

  /// The sentence for the text format; `nil` where there is nothing to say.
  let sentence: String?

  private let file: String?
  private let result: String
  private let mail: MailID?
  private let record: BounceRecord?
  private var error: Diagnostic?

  /// The result of a mail; without an effect, it is no delivery status notification. Without a file, it
  /// was standard input, about which nothing is said.
  init(_ effect: RegctlCore.Bounce.Effect?, file: String?) {
    self.file = file
    switch effect {
    case nil: (result, mail, record, isOurs) = ("not_a_report", nil, nil, false)
    case .foreign: (result, mail, record, isOurs) = ("foreign", nil, nil, false)
    case .noFailure(let id): (result, mail, record, isOurs) = ("no_failure", id, nil, true)
    case .recorded(let record):
      (result, mail, isOurs) = (record.result.rawValue, record.mail, true)
      self.record = record
    case .known(let record):
      (result, mail, isOurs) = ("already_recorded", record.mail, true)
      self.record = record
    }
    sentence = file.map { Self.sentence(on: effect, in: $0) }
  }

  private init(failed file: String, _ diagnostic: Diagnostic) {
    self.file = file
    (result, mail, record, isOurs, sentence) = ("failed", nil, nil, false, nil)
    error = diagnostic
  }

  /// The row of a file that could not be read or moved.
  static func failed(_ file: String, _ diagnostic: Diagnostic) -> BounceRow {
    BounceRow(failed: file, diagnostic)
  }

  var cells: [ReportValue] {
    [
      ReportValue(file), .text(result), mail.map { .integer($0.rawValue) } ?? .null,
      ReportValue(record?.email), ReportValue(record?.status), ReportValue(record?.reply),
      .boolean(record?.isOnLedger ?? false), ReportValue(error),
    ]
  }

  private static func sentence(
    on effect: RegctlCore.Bounce.Effect?, in file: String
  ) -> String {
    let name = TerminalText.escape(file)
    switch effect {
    case nil: return "\(name) is not a delivery status notification."
    case .foreign: return "\(name) is not about a mail that regctl sent."
    case .noFailure(let mail): return "\(name) reports no failure of mail \(mail.rawValue)."
    case .known(let record): return "\(subject(of: record)) was reported already."
    case .recorded(let record):
      switch record.result {
      case .bounced:
        let ledger = record.suppresses ? "; the address gets no further mail" : ""
        return "\(subject(of: record)) bounced\(ledger)."
      case .delayed: return "\(subject(of: record)) is delayed."
      case .declined:
        return "\(subject(of: record)) was refused for a fault of the sender; see regctl doctor."
      case .unverified:
        return
          "A report about \(TerminalText.escape(record.email)) names no mail, and is only kept."
      }
    }
  }

  private static func subject(of record: BounceRecord) -> String {
    let email = TerminalText.escape(record.email)
    return record.mail.map { "Mail \($0.rawValue) to \(email)" } ?? "A mail to \(email)"
  }
}
