internal import RegctlCore

/// An unconfirmed account.
struct UnconfirmedRow: ResultRow {
  private static func suggestion(isUsual: Bool) -> Column {
    Column("suggestion", isUsual: isUsual, rank: 0, least: 16)
  }

  static let columns: [Column] = [
    Column("id", isUsual: false), .email, Column("registered_on", rank: 3), Column("age"),
    Column("mails", rank: 2), Column("last_mail_state", isState: true),
    Column("last_mail_at", rank: 4), Column("bounced", isUsual: false, rank: 2),
    Column("admin", isUsual: false, rank: 3), suggestion(isUsual: false),
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
    if columns.contains("bounced") { details.insert(.bounce) }
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

  var cells: [ReportValue] {
    let registered = account.registeredOn
    return [
      .integer(account.id.rawValue), .text(account.email),
      // An invalid date is shown as stored, so that it can be found and corrected.
      registered.map(ReportValue.init) ?? .text(account.registeredText),
      // Without a zone, it could be wrong by hours; the clock may have been set back.
      registered?.moment.map { .duration(max(.zero, now - $0)) } ?? .null,
      .integer(Int64(account.mails)),
      ReportValue(account.lastMailState?.rawValue), ReportValue(account.lastMailAt),
      .boolean(account.isBounced), .boolean(account.isAdmin), ReportValue(suggestion),
    ]
  }
}
