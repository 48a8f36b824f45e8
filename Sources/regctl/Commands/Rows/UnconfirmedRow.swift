internal import RegctlCore

/// An unconfirmed account.
struct UnconfirmedRow: ResultRow {
  static let columns = [
    Column("id", isUsual: false), Column("email"), Column("registered_on"), Column("age"),
    Column("mails"), Column("last_mail_state"), Column("last_mail_at"),
    Column("admin", isUsual: false), Column("suggestion", isUsual: false),
  ]

  /// The columns of a list in which every row has a suggested address.
  static var columnsWithSuggestion: [Column] {
    columns.map { $0.name == "suggestion" ? Column($0.name) : $0 }
  }

  private let account: UnconfirmedAccount
  private let suggestion: String?
  private let now: Instant

  init(_ account: UnconfirmedAccount, suggestion: String? = nil, at now: Instant) {
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
      // Without a zone, an age could be wrong by hours.
      registered?.moment.map { .duration(now - $0) } ?? .null, .integer(Int64(account.mails)),
      ReportValue(account.lastMailState?.rawValue), ReportValue(account.lastMailAt),
      .boolean(account.isAdmin), ReportValue(suggestion),
    ]
  }
}
