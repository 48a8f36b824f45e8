internal import SQL

extension Store {
  /// The numbers of the runs of which the archive has accounts, oldest first: of prune runs, or of
  /// deletions, each with the negative number of its audit entry.
  func archiveRuns(ofDeletions areDeletions: Bool) throws(RegctlError) -> [Int64] {
    areDeletions
      ? try rows("SELECT DISTINCT run FROM regctl_archive WHERE run < 0 ORDER BY run DESC") {
        $0.integer(0)
      }
      : try rows("SELECT DISTINCT run FROM regctl_archive WHERE run > 0 ORDER BY run") {
        $0.integer(0)
      }
  }

  /// The archived accounts of a run that come after one with an ID, or all, optionally of one address
  /// in one spelling of its domain.
  package func archived(
    in run: Int64, email: String? = nil, after last: AccountID?, limit: Int
  ) throws(RegctlError) -> [ListedAccount] {
    try archived(
      in: run, email: email,
      after: last.map { ListPlace(value: .null, number: $0.rawValue) }, order: .oldestFirst,
      limit: limit)
  }

  /// The archived accounts of a run that come after a place in an order, or all.
  func archived(
    in run: Int64, email: String? = nil, after last: ListPlace?, order: RowOrder, limit: Int
  ) throws(RegctlError) -> [ListedAccount] {
    let dates = try accountDates()
    let query = archivePage(of: run, email: email, after: last, order, limit: limit)
    var archived: [ListedAccount] = []
    try forEach(query.text, query.values) { row in
      archived.append(ListedAccount(archived: row, dates))
    }
    try requireOrder(of: archived, in: order, after: last, in: "regctl_archive")
    return archived
  }

  private func archivePage(
    of run: Int64, email: String?, after last: ListPlace?, _ order: RowOrder, limit: Int
  ) -> ComposedQuery {
    var query = ComposedQuery(SQLText("SELECT a.account_id, a.email, a.registered_at"))
    for column in [UsersMapping.Column.registeredOn, .admin, .confirmed, .confirmedOn] {
      append(column, to: &query)
    }
    query.append(" FROM regctl_archive a WHERE a.run = ", .integer(run))
    query.append(" AND")
    query.append(after: last, in: order, number: "a.account_id", address: "a.email")
    if let email {
      query.append(
        Statement(
          sqlite: " AND lower(a.email) = lower(",
          postgreSQL: " AND lower(a.email COLLATE \"C\") = lower("), .text(email))
      query.append(Statement(sqlite: ")", postgreSQL: " COLLATE \"C\")"))
    }
    query.append(order, number: "a.account_id", address: "a.email", limit: limit)
    return query
  }

  /// Appends a column of the archive as text. On a server a row there is one document, with the names
  /// of the application's table.
  private func append(_ column: UsersMapping.Column, to query: inout ComposedQuery) {
    guard !isFile else {
      query.append(Self.archiveColumn(column))
      return
    }
    query.append(
      Statement(postgreSQL: ", a.account ->> CAST("), Value(mapping.name(of: column)))
    query.append(Statement(postgreSQL: " AS TEXT)"))
  }

  private static func archiveColumn(_ column: UsersMapping.Column) -> Statement {
    switch column {
    case .registeredOn: ", CAST(a.registered_on AS TEXT)"
    case .admin: ", CAST(a.admin AS TEXT)"
    case .confirmed: ", CAST(a.confirmed AS TEXT)"
    case .confirmedOn: ", CAST(a.confirmed_on AS TEXT)"
    case .id, .email, .password: ", NULL"
    }
  }
}

extension ListedAccount {
  /// An account of the archive, where a truth value is a number or a word.
  fileprivate init(archived row: borrowing Row, _ dates: AccountDates) {
    let id = row.account(0)
    let texts = (3...6).map { row.optionalText($0) }
    func isTrue(_ text: String?) -> Bool { text.map { !["0", "false"].contains($0) } ?? false }
    let records = [row.optionalInstant(2)?.seconds].compactMap { $0 }
    self.init(
      id: id, email: row.text(1), isAdmin: isTrue(texts[1]), isConfirmed: isTrue(texts[2]),
      place: ListPlace(value: .null, number: id.rawValue), registeredText: texts[0] ?? "",
      confirmedText: texts[3],
      registeredOn: texts[0].flatMap { dates.date($0, records: records) },
      confirmedOn: texts[3].flatMap { dates.date($0) }, mails: 0, lastMailState: nil,
      lastMailAt: nil)
  }
}
