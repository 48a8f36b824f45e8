internal import RegctlCore

/// An unconfirmed account.
struct UnconfirmedRow: ResultRow {
  private static func suggestion(isUsual: Bool) -> Column {
    Column("suggestion", isUsual: isUsual, rank: 0, least: 16)
  }

  static let columns: [Column] = [
    Column("id", isUsual: false), .email, Column("registered_on", rank: 3), Column("age"),
    Column("mails", rank: 2), Column("last_mail_state", isState: true),
    Column("last_mail_at", rank: 4), Column("admin", isUsual: false, rank: 3),
    suggestion(isUsual: false),
  ]

  /// The columns of a list in which every row has a suggested address.
  static var columnsWithSuggestion: [Column] {
    columns.map { $0.name == "suggestion" ? suggestion(isUsual: true) : $0 }
  }

  /// What must be read for columns with some names.
  static func details(of columns: Set<String>) -> AccountDetails {
    var details: AccountDetails = []
    if columns.contains("mails") { details.insert(.mailCount) }
    if !columns.isDisjoint(with: ["last_mail_state", "last_mail_at"]) { details.insert(.lastMail) }
    return details
  }

  private let account: ListedAccount
  private let suggestion: String?
  private let now: Instant

  init(_ account: ListedAccount, suggestion: String? = nil, at now: Instant) {
    self.account = account
    self.suggestion = suggestion
    self.now = now
  }

  var cells: [ReportValue] { cells(of: Array(Self.columns.indices)) }

  func cells(of chosen: [Int]) -> [ReportValue] { chosen.map(cell) }

  private func cell(_ column: Int) -> ReportValue {
    switch column {
    case 0: .integer(account.id.rawValue)
    case 1: .text(account.email)
    // An invalid date is shown as stored, so that it can be found and corrected.
    case 2: account.registeredOn.map(ReportValue.init) ?? .text(account.registeredText)
    // Without a zone, an age could be wrong by hours.
    case 3: account.registeredOn?.moment.map { .duration(now - $0) } ?? .null
    case 4: .integer(Int64(account.mails))
    case 5: ReportValue(account.lastMailState?.rawValue)
    case 6: ReportValue(account.lastMailAt)
    case 7: .boolean(account.isAdmin)
    default: ReportValue(suggestion)
    }
  }
}
