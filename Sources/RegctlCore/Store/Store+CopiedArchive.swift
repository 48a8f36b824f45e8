internal import Base
internal import SQL

/// The archive of pruned accounts, which each engine stores in its own way, as it is copied to another
/// database.
extension Store {
  static let archiveName = "regctl_archive"

  /// Throws if a file has values of an account that is not in the archive, which would not be copied.
  func requireArchivedAccounts() throws(RegctlError) {
    guard case .file = location else { return }
    let row = try first(
      Statement(
        sqlite: """
          SELECT f.run || ' ' || f.account_id FROM regctl_archive_further f
          WHERE NOT EXISTS (
            SELECT 1 FROM regctl_archive a WHERE a.run = f.run AND a.account_id = f.account_id)
          LIMIT 1
          """)
    ) { $0.text(0) }
    guard let row else { return }
    throw .store(
      .notCopied(
        CopyRefusal(
          table: "regctl_archive_further", row: row,
          reason: .rejected(detail: "the archive does not have this account"))))
  }

  /// The next pruned accounts after one, in order.
  ///
  /// `accounts` is the table that they were in, with the types of the server.
  func archivePage(
    after last: ArchivedAccount?, limit: Int, of accounts: CopiedTable
  ) throws(RegctlError) -> [ArchivedAccount] {
    let place: [Value] = [.integer(last?.run ?? .min), .integer(last?.number ?? .min)]
    let found =
      switch location {
      case .file: try archivePageOfFile(after: place, limit: limit)
      case .server: try archivePageOnServer(after: place, limit: limit, of: accounts)
      }
    let types = Dictionary(accounts.columns.map { ($0.name, $0.type) }) { first, _ in first }
    return try found.map { account throws(RegctlError) in try account.canonical(types) }
  }

  private func archivePageOfFile(
    after place: [Value], limit: Int
  ) throws(RegctlError) -> [ArchivedAccount] {
    let names = [
      UsersMapping.Column.email, .password, .registeredOn, .admin, .confirmed, .confirmedOn,
    ].map { mapping.written.contains($0) ? mapping.name(of: $0) : nil }
    var found: [(values: [Value], columns: [ArchivedAccount.Column])] = []
    try forEach(
      Statement(
        sqlite: """
          SELECT run, account_id, email, registered_at, not_before, email, password, registered_on,
            admin, confirmed, confirmed_on
          FROM regctl_archive WHERE (run, account_id) > ($1, $2) ORDER BY run, account_id LIMIT $3
          """), place + [.integer(Int64(limit))]
    ) { row in
      var values: [Value] = []
      for column in 0..<Int32(5) { values.append(row.value(column)) }
      var columns: [ArchivedAccount.Column] = []
      for (index, name) in names.enumerated() {
        guard let name else { continue }
        columns.append(ArchivedAccount.Column(name: name, value: row.value(Int32(5 + index))))
      }
      found.append((values, columns))
    }
    guard let last = found.last else { return [] }
    var position = 0
    try forEach(
      Statement(
        sqlite: """
          SELECT run, account_id, name, value FROM regctl_archive_further
          WHERE (run, account_id) > ($1, $2) AND (run, account_id) <= ($3, $4)
          ORDER BY run, account_id
          """), place + last.values.prefix(2)
    ) { row in
      let key = [row.value(0), row.value(1)]
      while position < found.count, !found[position].values.starts(with: key) { position += 1 }
      guard position < found.count else { return }
      found[position].columns.append(
        ArchivedAccount.Column(name: row.text(2), value: row.value(3)))
    }
    return found.map { values, columns in
      ArchivedAccount(
        run: values[0].number, number: values[1].number, email: values[2], registeredAt: values[3],
        notBefore: values[4], columns: columns)
    }
  }

  private func archivePageOnServer(
    after place: [Value], limit: Int, of accounts: CopiedTable
  ) throws(RegctlError) -> [ArchivedAccount] {
    let columns = accounts.columns.filter { !$0.isNumber }
    // A row has the columns that the table had then: those that it still has are read by their types.
    var sql = SQLText("SELECT ")
    sql.append(
      Statement(
        postgreSQL: """
          r.run, r.account_id, r.email, r.registered_at, r.not_before,
            (SELECT CAST(jsonb_object_agg(e.key, e.value #>> CAST(ARRAY[] AS TEXT[])) AS TEXT)
              FROM jsonb_each(r.account) e)
          """))
    for column in columns {
      sql.append(", ")
      if column.type.form == .document {
        sql.append("CAST(")
        sql.append(archivedDocument: column.name)
        sql.append(" AS TEXT)")
      } else {
        sql.append(valueOf: column)
      }
    }
    sql.append(
      Statement(
        postgreSQL: """
           FROM regctl_archive r
          CROSS JOIN LATERAL jsonb_populate_record(CAST(NULL AS {table}), r.account) t
          WHERE (r.run, r.account_id) > ($1, $2) ORDER BY r.run, r.account_id LIMIT $3
          """))
    let number = accounts.columns.first(where: \.isNumber)?.name ?? ""
    var found: [ArchivedAccount] = []
    try forEach(sql, place + [.integer(Int64(limit))]) { row in
      let texts = JSONObject(Array((row.optionalText(5) ?? "").utf8))
      var kept: [ArchivedAccount.Column] = []
      for (index, column) in columns.enumerated() where texts?[column.name] != nil {
        kept.append(
          ArchivedAccount.Column(name: column.name, value: row.value(Int32(6 + index))))
      }
      for name in texts?.names ?? [] where name != number {
        if kept.contains(where: { $0.name.utf8.elementsEqual(name.utf8) }) { continue }
        kept.append(ArchivedAccount.Column(name: name, value: Value(texts?.text(name))))
      }
      found.append(
        ArchivedAccount(
          run: row.integer(0), number: row.integer(1), email: row.value(2),
          registeredAt: row.value(3), notBefore: row.value(4), columns: kept))
    }
    return found
  }

  /// Inserts pruned accounts of another database.
  func insert(
    archived accounts: [ArchivedAccount], of table: CopiedTable
  ) throws(RegctlError) {
    switch location {
    case .file:
      for account in accounts { try insert(archived: account) }
    case .server:
      let texts = try columnsArchivedAsText()
      let documents = Self.check(ofDocuments: texts.filter(\.isDocument).map(\.name))
      try insertBatch(accounts[...], into: Self.archiveName, words: \.words) {
        accounts throws(RegctlError) in
        let values = Value.text(table.document(of: accounts))
        if let documents { try forEach(documents, [values]) { _ in } }
        return try run(
          Statement(
            postgreSQL: """
              INSERT INTO regctl_archive (run, account_id, email, account, registered_at, not_before)
              SELECT r.run, r.account_id, r.email, r.account || coalesce(
                (SELECT jsonb_object_agg(e.key, e.value) FROM jsonb_each(to_jsonb(t)) e
                  WHERE jsonb_exists(r.account, e.key) AND e.key <> ALL ($1)),
                jsonb_build_object()), r.registered_at, r.not_before
              FROM json_populate_recordset(CAST(NULL AS regctl_archive), $2) r
              CROSS JOIN LATERAL jsonb_populate_record(CAST(NULL AS {table}), r.account) t
              """), .texts(texts.map(\.name)), values)
      }
    }
  }

  /// A query that fails for documents that their columns would not take; `nil` without columns.
  private static func check(ofDocuments columns: [String]) -> SQLText? {
    if columns.isEmpty { return nil }
    var sql = SQLText("SELECT ")
    for (index, column) in columns.enumerated() {
      sql.append(index > 0 ? ", count(CAST(" : "count(CAST(")
      sql.append(archivedDocument: column)
      sql.append(" AS JSONB))")
    }
    sql.append(
      Statement(
        postgreSQL: " FROM json_populate_recordset(CAST(NULL AS regctl_archive), $1) r"))
    return sql
  }

  private func insert(archived account: ArchivedAccount) throws(RegctlError) {
    let keys: [Value] = [.integer(account.run), .integer(account.number)]
    func value(_ column: UsersMapping.Column, else missing: Value) -> Value {
      mapping.written.contains(column) ? account[mapping.name(of: column)] ?? missing : missing
    }
    // In place of a column that the table does not have, the archive has what is read then.
    try changeOne(
      of: Self.archiveName,
      Statement(
        sqlite: """
          INSERT INTO regctl_archive (run, account_id, email, password, registered_on, admin,
            confirmed, confirmed_on, registered_at, not_before)
          VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
          """), keys[0], keys[1], account.email, value(.password, else: .text("")),
      value(.registeredOn, else: .text("")), value(.admin, else: .integer(0)),
      value(.confirmed, else: .integer(0)), value(.confirmedOn, else: .null),
      account.registeredAt, account.notBefore)
    for column in account.columns where !mapping.hasColumn(column.name) {
      try changeOne(
        of: "regctl_archive_further",
        Statement(
          sqlite: """
            INSERT INTO regctl_archive_further (run, account_id, name, value)
            VALUES ($1, $2, $3, $4)
            """), keys[0], keys[1], .text(column.name), column.value)
    }
  }
}

extension ArchivedAccount {
  /// The same account with the form of its values that both databases keep; throws if one is not
  /// kept.
  fileprivate func canonical(
    _ types: [String: CopiedType]
  ) throws(RegctlError) -> ArchivedAccount {
    var canonical: [Column] = []
    for column in columns {
      do throws(CopyRefusal.Reason) {
        let type = types[column.name] ?? .foreign("")
        canonical.append(Column(name: column.name, value: try type.canonical(column.value)))
      } catch {
        throw .store(
          .notCopied(
            CopyRefusal(
              table: Store.archiveName, row: words, column: column.name, reason: error)))
      }
    }
    return ArchivedAccount(
      run: run, number: number, email: email, registeredAt: registeredAt, notBefore: notBefore,
      columns: canonical)
  }
}

extension CopiedTable {
  /// A JSON array of rows of the archive on a server, of accounts of this table.
  fileprivate func document(of accounts: ArraySlice<ArchivedAccount>) -> String {
    let number = columns.first(where: \.isNumber)?.name ?? ""
    var json = JSONWriter(.minimal)
    json.bytes.reserveCapacity(512 * accounts.count)
    json.beginArray()
    for account in accounts {
      json.beginObject()
      json.name("run")
      json.value(account.run)
      json.name("account_id")
      json.value(account.number)
      json.name("email")
      json.value(ColumnValue(account.email))
      json.name("registered_at")
      json.value(ColumnValue(account.registeredAt))
      json.name("not_before")
      json.value(ColumnValue(account.notBefore))
      json.name("account")
      json.beginObject()
      json.name(number)
      json.value(account.number)
      for column in account.columns {
        json.name(column.name)
        // A number in JSONB has no -0.
        if case .real(let number) = column.value {
          json.value("\(number)")
        } else {
          json.value(ColumnValue(column.value))
        }
      }
      json.endObject()
      json.endObject()
    }
    json.endArray()
    return json.text
  }
}

extension Value {
  /// The integer of a key.
  fileprivate var number: Int64 { if case .integer(let number) = self { number } else { 0 } }
}
